"""What is particular to each detector: reading its weights, turning its answers into detections. No file from outside is needed but where marked."""

import builtins
import struct
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.errors import SettingsError, WeightsError
from seqfer.core.records import Detection
from seqfer.detectors import haar, mtcnn, pico, yunet

BLACK = np.zeros((60, 80, 3), np.uint8)


# ---- yunet


class FakeYunet:
    """Stands for cv2.FaceDetectorYN: remembers the sizes it was given and answers with the rows it was made with."""

    def __init__(self, rows):
        self.rows, self.sizes = rows, []

    def setInputSize(self, size):  # noqa: N802
        self.sizes.append(size)

    def detect(self, picture):
        return 1, self.rows


def row(x, y, width, height, score, points=tuple(range(10))):
    return np.array([x, y, width, height, *points, score], np.float32)


def test_yunet_rows_become_detections_best_first():
    net = FakeYunet(np.stack([row(10, 20, 30, 40, 0.75), row(-5, 1, 20, 25, 1.0000001)]))
    detector = yunet.YunetDetector(net, "none", 320)
    best, other = detector.detect(BLACK)
    assert best == Detection((-5.0, 1.0, 15.0, 26.0), 1.0, ((0.0, 1.0), (2.0, 3.0), (4.0, 5.0), (6.0, 7.0), (8.0, 9.0)))
    assert other.box_xyxy_px == (10.0, 20.0, 40.0, 60.0)
    assert other.score == 0.75


def test_yunet_is_told_each_pictures_size_and_none_is_no_face():
    net = FakeYunet(None)
    detector = yunet.YunetDetector(net, "none", 320)
    assert detector.detect(BLACK) == []
    assert detector.detect(BLACK[:8, :8]) == []
    assert net.sizes == [(80, 60), (8, 8)]


def test_yunet_rows_that_are_no_box_are_dropped():
    bad = [row(1, 1, 0, 5, 0.9), row(np.nan, 1, 5, 5, 0.9), row(200, 1, 5, 5, 0.9), row(1, -50, 5, 5, 0.9)]
    bad.append(row(1, 1, 5, 5, 0.9, points=(np.inf,) * 10))
    bad.append(row(1, 1, 5, 5, 0.9, points=(2, 2, 4, 2, 60, 3, 2, 5, 4, 5)))  # a nose far from the box: chance numbers
    assert yunet.YunetDetector(FakeYunet(np.stack(bad)), "none", 320).detect(BLACK) == []


def test_yunet_takes_only_files_it_knows(tmp_path):
    file = tmp_path / "net.onnx"
    for content in (b"", b"version https://git-lfs.github.com/spec/v1\n", b"\x80\x04pickle"):
        file.write_bytes(content)
        with pytest.raises(WeightsError, match="is not that of a known yunet file") as error:
            yunet.build(file)
        assert "\n" not in str(error.value)
    with pytest.raises(WeightsError, match="cannot be read"):
        yunet.build(tmp_path / "missing.onnx")
    with pytest.raises(WeightsError, match="cannot be read"):
        yunet.build(tmp_path)
    with pytest.raises(WeightsError, match="needs its weights file"):
        yunet.build()


@pytest.mark.data
def test_yunet_notices_a_flipped_byte(shared_data, tmp_path):
    whole = sorted((shared_data / "detectors").glob("face_detection_yunet_*.onnx"))[0]
    assert yunet.build(whole).checksum in yunet.SHA256
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(WeightsError):
        yunet.build(tmp_path / "net.onnx")


# ---- haar


class FakeHaar:
    """Stands for cv2.CascadeClassifier with a fixed answer."""

    def __init__(self, boxes, sums):
        self.answer = (boxes, np.full(len(sums), 20), sums)

    def detectMultiScale3(self, grey, **settings):  # noqa: N802
        assert grey.ndim == 2
        assert settings["outputRejectLevels"]
        return self.answer


def test_haar_scores_lie_between_the_last_stages_threshold_and_its_largest_sum():
    boxes = np.array([[1, 2, 30, 30], [40, 5, 24, 24], [3, 3, 24, 24]], np.int32)
    cascade = FakeHaar(boxes, np.array([12.0, 20.0, 9.0]))
    found = haar.HaarDetector(cascade, (10.0, 20.0), 0.0, 24, 1.1, 3).detect(BLACK)
    assert [face.score for face in found] == [1.0, 0.2, 0.0]
    assert found[1] == Detection((1.0, 2.0, 31.0, 32.0), 0.2)
    assert len(haar.HaarDetector(cascade, (10.0, 20.0), 0.1, 24, 1.1, 3).detect(BLACK)) == 2


def test_haar_without_a_face_is_an_empty_tuple_in_opencv():
    assert haar.HaarDetector(FakeHaar((), ()), (0.0, 1.0), 0.0, 24, 1.1, 3).detect(BLACK) == []


def test_haar_takes_no_weights_and_says_when_opencv_lacks_its_file(tmp_path, monkeypatch):
    with pytest.raises(SettingsError, match="has its own weights"):
        haar.build(tmp_path / "other.xml")
    with pytest.raises(SettingsError, match="growth 1"):
        haar.build(growth=1.0)
    monkeypatch.setattr(haar.cv2.data, "haarcascades", str(tmp_path))
    with pytest.raises(WeightsError, match="install opencv-python-headless"):
        haar.build()


# ---- pico: a cascade made by hand that finds dark spots on bright ground


def cascade_bytes(nodes, leaves, thresholds, depth) -> bytes:
    """A cascade file; nodes (tree node 4), leaves (tree leaf), thresholds (tree)."""
    content = struct.pack("<i4bii", 3, -127, 127, -127, 127, depth, len(nodes))
    for tree, (node, leaf) in enumerate(zip(nodes, leaves, strict=True)):
        content += np.asarray(node, np.int8).tobytes() + np.asarray(leaf, "<f4").tobytes()
        content += struct.pack("<f", thresholds[tree])
    return content


def spots() -> bytes:
    """Four trees of one node: is the edge, 0.39 sides away on each side, brighter than the centre?"""
    nodes = [[[row, column, 0, 0]] for row, column in ((0, -100), (0, 100), (-100, 0), (100, 0))]
    return cascade_bytes(nodes, [[1.0, -1.0]] * 4, [0.0, 1.0, 2.0, 3.0], depth=1)


def spotted(*spots_xyr) -> np.ndarray:
    picture = np.full((120, 160, 3), 200, np.uint8)
    y, x = np.mgrid[:120, :160]
    for spot_x, spot_y, radius in spots_xyr:
        picture[np.hypot(x - spot_x, y - spot_y) < radius] = 20
    return picture


def test_pico_finds_what_its_trees_ask_for():
    detector = pico.PicoDetector(pico.read_cascade(spots(), "here"), pico.Steps(24, 1.2, 0.1), 0.5, 0.3)
    found = detector.detect(spotted((40, 60, 12), (110, 50, 12)))
    centres = sorted(
        ((face.box_xyxy_px[0] + face.box_xyxy_px[2]) / 2, (face.box_xyxy_px[1] + face.box_xyxy_px[3]) / 2)
        for face in found[:2]
    )
    assert np.abs(np.array(centres) - [[40, 60], [110, 50]]).max() < 4
    assert detector.detect(spotted()) == []
    assert detector.detect(spotted((40, 60, 12), (110, 50, 12))) == found


def naive(cascade: pico.Cascade, grey: np.ndarray, row: int, column: int, side: int) -> float | None:
    """The cascade as the paper describes it, for one window: its margin, or None when a tree drops it."""
    total = np.float32(0)
    for tree in range(len(cascade.nodes)):
        node = 0
        for _ in range(cascade.depth):
            r1, c1, r2, c2 = (int(v) * side >> 8 for v in cascade.nodes[tree, node])
            node = 2 * node + 1 + int(grey[row + r1, column + c1] <= grey[row + r2, column + c2])
        total += cascade.leaves[tree, node - (2**cascade.depth - 1)]
        if total <= cascade.thresholds[tree]:
            return None
    return float(total) - float(cascade.thresholds[-1])


def test_pico_all_windows_together_are_each_window_alone():
    rng = np.random.default_rng(5)
    trees, depth = 12, 3
    nodes = rng.integers(-128, 128, (trees, 2**depth - 1, 4))
    leaves = rng.normal(0.05, 0.3, (trees, 2**depth))
    content = cascade_bytes(nodes, leaves, np.linspace(-1.2, 0.2, trees), depth)
    cascade = pico.read_cascade(content, "here")
    grey = rng.integers(0, 256, (61, 47), dtype=np.uint8)
    windows = pico.windows_of(cascade, 61, 47, pico.Steps(8, 1.3, 0.15))
    passed, margin = pico.run_cascade(cascade, windows, grey.ravel())
    expected = [
        naive(cascade, grey, *divmod(int(centre), 47), int(windows.sides_px[side]))
        for centre, side in zip(windows.centre, windows.side, strict=True)
    ]
    assert 0 < len(passed) < len(expected)
    assert passed.tolist() == [at for at, value in enumerate(expected) if value is not None]
    np.testing.assert_allclose(margin, [value for value in expected if value is not None], rtol=0, atol=1e-5)


def test_pico_windows_stay_inside_down_to_the_smallest_picture():
    corner = np.array([[[[-128, -128, 127, 127]]]] * 1, np.int8)[0]
    cascade = pico.Cascade(1, corner, np.ones((1, 2), np.float32), np.zeros(1, np.float32))
    for height, width in ((27, 27), (28, 90), (90, 31), (120, 160)):
        windows = pico.windows_of(cascade, height, width, pico.Steps())
        rows, columns = np.divmod(windows.centre, width)
        half = windows.sides_px[windows.side] * 128 // 256 + 1
        assert (rows - half >= 0).all()
        assert (rows + half <= height).all()
        assert (columns - half >= 0).all()
        assert (columns + half <= width).all()
    assert pico.windows_of(cascade, 26, 400, pico.Steps()) is None


def test_pico_joins_windows_greedily():
    squares = np.array([[50, 50, 20], [52, 50, 20], [50, 54, 24], [90, 50, 20]], float)
    first, second = pico.join(squares, np.array([3.0, 4.0, 1.0, 2.0]), 0.3)
    np.testing.assert_allclose(first[0], (40, 40.67, 61.33, 62), atol=0.01)
    assert first[1] == pytest.approx(8 / 16)
    assert second == ((80.0, 40.0, 100.0, 60.0), pytest.approx(2 / 10))
    assert pico.join(np.zeros((0, 3)), np.zeros(0), 0.3) == []


def test_pico_refuses_every_damaged_file(tmp_path):
    file, whole = tmp_path / "facefinder", spots()
    damaged = {
        "too short": whole[:10],
        "not a cascade": b"PK\x03\x04" + bytes(40),
        "instead of": whole[:-1],
        "bytes instead": whole + b"\0",
        "checksum": whole,  # well laid out, but not the published one
    }
    for words, content in damaged.items():
        file.write_bytes(content)
        with pytest.raises(WeightsError, match=words) as error:
            pico.build(file)
        assert "\n" not in str(error.value)
    with pytest.raises(WeightsError, match="needs its cascade file"):
        pico.build()
    with pytest.raises(WeightsError, match="cannot be read"):
        pico.build(tmp_path / "missing")
    with pytest.raises(SettingsError, match="stride 0"):
        pico.build(file, stride=0.0)


# ---- mtcnn


class FakeMtcnn:
    """Stands for facenet_pytorch.MTCNN with a fixed answer."""

    def __init__(self, boxes, scores, points):
        self.answer = (boxes, scores, points)

    def detect(self, picture_rgb, landmarks):
        assert landmarks
        return self.answer


def test_mtcnn_answers_become_detections():
    points = np.arange(20.0).reshape(2, 5, 2)
    net = FakeMtcnn(np.array([[1.0, 2, 30, 40], [5, 5, 25, 25]]), np.array([0.5, 0.99]), points)
    (face,) = mtcnn.MtcnnDetector(net, 0.9, 640, 20).detect(BLACK)
    assert face == Detection((5.0, 5.0, 25.0, 25.0), 0.99, tuple(map(tuple, points[1].tolist())))
    assert mtcnn.MtcnnDetector(FakeMtcnn(None, [None], None), 0.9, 640, 20).detect(BLACK) == []
    assert mtcnn.MtcnnDetector(None, 0.9, 640, 20).detect(BLACK[:20, :20]) == []


def test_mtcnn_without_its_package_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "facenet_pytorch":
            raise ImportError("No module named 'facenet_pytorch'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SettingsError, match=r"pip install seqfer\[mtcnn\]"):
        mtcnn.build()
    with pytest.raises(SettingsError, match="has its own weights"):
        mtcnn.build(Path("other.pt"))
