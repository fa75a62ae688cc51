"""Videos that are stored sideways or upside down give the results of their upright copy."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from drawn_film import HEIGHT, WIDTH, looks

from seqfer.cli import main
from seqfer.core.emotions import EMOTIONS
from seqfer.film.detector_choice import choose_detector
from seqfer.film.turning import turn_note, turn_upright
from seqfer.results.annotation import read_annotation
from seqfer.video import open_source

FRAMES, RATE = 30, 25


def write_turned(path: Path, quarters_counterclockwise: int, there: bool = True) -> Path:
    """The drawn person, stored turned without a tag."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=RATE, options={"qp": "0"}
        )  # lossless: the turned pictures are those of the plain copy
        sideways = quarters_counterclockwise % 2
        stream.width, stream.height = (HEIGHT, WIDTH) if sideways else (WIDTH, HEIGHT)
        stream.pix_fmt = "yuv444p"
        for number in range(FRAMES):
            picture = looks()[number * 4 // FRAMES] if there else np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
            picture = np.ascontiguousarray(np.rot90(picture, quarters_counterclockwise))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def annotated(path: Path, *more: str) -> Path:
    out = path.with_suffix(".r")
    command = ["annotate-video", str(path), "--valence", "--detector", "haar", "--quiet", "--out", str(out), *more]
    assert main(command) == 0
    return out


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return annotated(write_turned(tmp_path_factory.mktemp("plain") / "a.mp4", 0), "--rotate", "0")


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_turned_video_gives_the_rows_of_its_upright_copy(tmp_path: Path, plain: Path, quarters: int) -> None:
    out = annotated(write_turned(tmp_path / "a.mp4", quarters), "--overlay")
    ours, theirs = read_annotation(out).frames, read_annotation(plain).frames
    columns = [name for name in (*EMOTIONS, "valence") if name in theirs]
    assert np.abs(ours[columns].to_numpy(float) - theirs[columns].to_numpy(float)).mean() < 0.005
    boxes = ["x1", "y1", "x2", "y2"]
    assert np.abs(ours[boxes].to_numpy(float) - theirs[boxes].to_numpy(float)).max() < 0.5
    summary = json.loads((out / "summary.json").read_text())
    assert summary["film"]["turned_deg"] == summary["film"]["rotation_deg"] == 90 * quarters
    assert (summary["film"]["width"], summary["film"]["height"]) == (WIDTH, HEIGHT)
    assert sum("--rotate 0" in note for note in summary["notes"]) == (quarters > 0)
    assert json.loads((out / "settings.json").read_text())["rotate_found"] == 90 * quarters
    with av.open(str(out / "overlay.mp4")) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="gray")
    assert shown.shape == (HEIGHT, WIDTH)


def test_the_given_turn_is_used_without_a_note(tmp_path: Path, plain: Path) -> None:
    out = annotated(write_turned(tmp_path / "a.mp4", 1), "--rotate", "90")
    assert read_annotation(out).frames["face"].notna().all()
    summary = json.loads((out / "summary.json").read_text())
    assert summary["film"]["turned_deg"] == 90
    assert summary["settings"]["rotate"] == "90"
    assert not any("--rotate" in note for note in summary["notes"])


def test_other_turns_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotate-video", "a.mp4", "--rotate", "45", "--out", str(tmp_path / "out")]) == 2
    assert "auto, 0, 90, 180 or 270" in capsys.readouterr().err


def test_a_video_without_a_face_and_a_set_of_stills_are_not_turned(tmp_path: Path) -> None:
    detector = choose_detector("haar")
    with open_source(write_turned(tmp_path / "a.mp4", 0, there=False)) as source:
        assert turn_upright(source, detector, "auto") == ""
        assert source.info.turned_deg == 0
    for number, look in enumerate(looks()):
        (tmp_path / "stills").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / "stills" / f"{number}.png"), look[::-1, ::-1, ::-1])
    with open_source(tmp_path / "stills") as source:
        assert turn_upright(source, detector, "auto") == ""
    with open_source(tmp_path / "stills", folder_fps=25) as source:
        note = turn_upright(source, detector, "auto")
        assert note == turn_note(source)
        assert source.info.turned_deg == 180
        assert np.abs(next(source.frames()).rgb().astype(int) - looks()[0]).max() == 0
