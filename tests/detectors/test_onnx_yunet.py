"""YuNet's network run by ONNX Runtime: grids to faces."""

from __future__ import annotations

import numpy as np
import pytest

from seqfer.detectors import _onnx_yunet, yunet
from seqfer.posed import PosedFilm, write_posed_film
from seqfer.video import open_source

BLACK = np.zeros((60, 80, 3), np.uint8)


class FakeSession:
    """Stands for an onnxruntime.InferenceSession of a 64 x 96 picture: one face on the grid of 16 pixels, seen twice, and noise elsewhere."""

    def __init__(self):
        self.pictures = []

    def run(self, names, given):
        (picture,) = given.values()
        self.pictures.append(picture)
        height, width = picture.shape[2:]
        made = []
        for name in names:
            kind, step = name.split("_")
            places = (height // int(step)) * (width // int(step))
            made.append(np.zeros((1, places, {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}[kind]), np.float32))
        at = {name: array[0] for name, array in zip(names, made, strict=True)}
        across = width // 16
        # the second answer of the same face lies one step to the right
        for place, sure in ((across + 2, 0.9), (across + 3, 0.8)):
            at["cls_16"][place], at["obj_16"][place] = sure, 1.2  # more than sure counts as sure
            at["bbox_16"][place] = (0.5 - (place - across - 2), 0.25, np.log(2.0), np.log(2.5))
            at["kps_16"][place] = np.tile([0.5, 0.25], 5)
        at["cls_8"][0], at["obj_8"][0] = 0.5, 0.5  # not sure enough
        at["cls_32"][0] = at["obj_32"][0] = 0.99
        at["bbox_32"][0] = (np.nan, 0, 1000, 0)  # chance numbers
        return made


def test_onnx_yunet_reads_the_grids_of_the_net():
    session = FakeSession()
    net = _onnx_yunet.OnnxYunet(session, "input", 0.6, 0.3)
    (found,) = yunet.YunetDetector(net, "none", 320).detect(np.full((60, 80, 3), (10, 20, 30), np.uint8))
    # centre (2.5, 1.25) steps, 2 x 2.5 steps large
    assert found.box_xyxy_px == pytest.approx((24.0, 0.0, 56.0, 40.0), abs=1e-4)
    assert found.score == pytest.approx(np.sqrt(0.9), abs=1e-6)
    assert np.allclose(found.landmarks_xy_px, (40.0, 20.0), atol=1e-4)
    (picture,) = session.pictures
    assert picture.shape == (1, 3, 64, 96)  # whole steps of the coarsest grid
    assert picture[0, :, 59, 79].tolist() == [10, 20, 30]
    assert not picture[0, :, 60:].any()
    assert not picture[0, :, :, 80:].any()


def test_onnx_yunet_without_a_face(monkeypatch):
    net = _onnx_yunet.OnnxYunet(FakeSession(), "input", 0.99, 0.3)
    assert net.detect(BLACK) == (1, None)


def test_onnx_yunet_is_left_to_opencv_where_there_is_no_onnx_runtime(monkeypatch):
    monkeypatch.setattr(_onnx_yunet, "is_available", lambda: False)
    assert _onnx_yunet.open_net(b"", 0.6, 0.3) is None


@pytest.mark.data
def test_onnx_yunet_answers_as_opencv_does(shared_data, tmp_path, monkeypatch):
    file = sorted((shared_data / "detectors").glob("face_detection_yunet_*.onnx"))[0]
    quick = yunet.build(file)
    monkeypatch.setattr(yunet, "open_net", lambda *_: None)
    plain = yunet.build(file)
    write_posed_film(tmp_path / "film.mp4", PosedFilm((1, 2), seconds=0.4, seed=3, size=(640, 360), fps=25.0))
    with open_source(tmp_path / "film.mp4") as source:
        frame = next(source.frames())
    for longest_px in (640, 320, 213):
        small, _ = frame.small(longest_px)
        ours, theirs = quick.detect(small), plain.detect(small)
        assert len(ours) == len(theirs) == 2
        for one, other in zip(ours, theirs, strict=True):
            assert np.allclose(one.box_xyxy_px, other.box_xyxy_px, atol=1e-3)
            assert np.allclose(one.landmarks_xy_px, other.landmarks_xy_px, atol=1e-3)
