"""`seqfer annotate-video` on damaged films: what can be had is delivered whole and adds up, or one line says why not."""

from __future__ import annotations

import csv
import json
import math
import resource
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pyarrow.parquet as pq
import pytest

from seqfer.cli import main
from seqfer.core.records import Detection
from seqfer.film import opening
from seqfer.video.film import FilmSource
from seqfer.video.writing import H264Writer
from tests.drawn_film import GONE, THERE, write_drawn_film

COPIES, EVERYDAY = 200, 15  # damaged copies in all, and how many of them are tried in every run of the tests
CONTAINERS = ("mp4", "mkv", "ts")
LIMIT_S = 20  # for one copy, of a second and a half of film; it takes a tenth of a second
LIMIT_BYTES = 400 << 20  # how much more memory all copies together may take than the whole film did
TABLES = {"frames.csv", "frames.parquet", "tracks.csv", "valence_1hz.csv"}


class Stand:
    """A detector for which a picture with something on it is a face in its middle."""

    name, longest_px, larger_px, confirm_score, checksum = "stand", 240, 0, 0.0, "none"

    def detect(self, picture_bgr: np.ndarray) -> list[Detection]:
        height, width = picture_bgr.shape[:2]
        box = (0.25 * width, 0.2 * height, 0.75 * width, 0.9 * height)
        return [Detection(box, 0.9)] if picture_bgr.std() > 8 else []


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("films")
    made = (write_drawn_film(folder / f"film.{kind}", sound=kind == "mkv") for kind in CONTAINERS)
    return {path.suffix[1:]: path.read_bytes() for path in made}


def damaged(whole: bytes, rng: np.random.Generator) -> bytes:
    """A copy with one to three injuries."""
    data = bytearray(whole)
    for _ in range(rng.integers(1, 4)):
        size = len(data)
        start, length = int(rng.integers(size)), int(rng.integers(1, max(2, size // 4)))
        kind = rng.choice(["flip", "zero", "remove", "truncate", "header", "repeat", "tail"])
        if kind == "flip":
            for place in rng.integers(0, size, rng.integers(1, 60)):
                data[place] = int(rng.integers(256))
        elif kind == "zero":
            data[start : start + length] = bytes(len(data[start : start + length]))
        elif kind == "remove":
            del data[start : start + length]
        elif kind == "truncate":
            del data[max(1, start) :]
        elif kind == "header":
            for place in rng.integers(0, min(size, 600), 12):
                data[place] = int(rng.integers(256))
        elif kind == "repeat":
            data[start:start] = data[start : start + length]
        else:  # the index of an MP4 and the cues of a Matroska file
            for place in rng.integers(max(0, size - 1500), size, 12):
                data[place] = int(rng.integers(256))
        if len(data) < 2:
            break
    return bytes(data)


def copies(films: dict[str, bytes], count: int) -> Iterator[tuple[str, bytes]]:
    for number in range(count):
        kind = CONTAINERS[number % len(CONTAINERS)]
        yield f"{number:03d}.{kind}", damaged(films[kind], np.random.default_rng([4, number]))


@contextmanager
def limited(name: str) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise AssertionError(f"{name}: not done after {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(LIMIT_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def check_folder(out: Path, code: int, name: str) -> int:
    """A folder that is whole and adds up, or none; returns how many frames it has."""
    assert not list(out.rglob(".*.part")), name
    assert not list(out.rglob(".*.tmp")), name
    present = {path.name for path in out.iterdir()} if out.exists() else set()
    if not present & TABLES:
        assert code == 2, name
        assert not present, f"{name}: nothing could be read, and {sorted(present)} was left"
        return 0
    assert present >= {*TABLES, "summary.json", "report.html"}, name
    assert ".work" not in present, name
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["partial"] == (code == 2) == (summary["problem"] is not None), name
    rows, tracks = rows_of(out / "frames.csv"), rows_of(out / "tracks.csv")
    seen = [row for row in rows if row["face"]]
    assert summary["rows"] == len(rows) == pq.read_table(out / "frames.parquet").num_rows, name
    assert summary["rows_without_face"] == len(rows) - len(seen), name
    assert summary["analysed"] == len({row["frame"] for row in rows}) == summary["decoded"], name
    assert summary["faces"] == len(tracks), name
    assert sum(int(track["frames"]) for track in tracks) == len(seen), name
    late = sum(int(note.split()[0]) for note in summary["notes"] if "times that go back" in note)
    seconds = sum(int(row["frames"]) for row in rows_of(out / "valence_1hz.csv"))
    assert len(seen) - late <= seconds <= len(seen), name  # late rows without a face are in no second either
    return len({row["frame"] for row in rows})


def annotate_copies(
    films: dict[str, bytes],
    count: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> dict[str, int]:
    """How many copies ended how."""
    monkeypatch.setattr(opening, "choose_detector", lambda *_, **__: Stand())
    told = {"whole": 0, "partial": 0, "refused": 0}
    words = ["--out", str(folder / "out"), "--valence", "--head", "none", "--no-faces", "--quiet"]
    peak = 0
    for name, data in [("whole.mp4", films["mp4"]), *copies(films, count)]:
        path = folder / name
        path.write_bytes(data)
        with limited(name):
            code = main(["annotate-video", str(path), *words])
        error = capsys.readouterr().err
        assert code in (0, 2), name
        assert len(error.splitlines()) == (code == 2), f"{name}: {error}"
        assert "Traceback" not in error, name
        frames = check_folder(folder / "out", code, name)
        told["whole" if code == 0 else "partial" if frames else "refused"] += 1
        shutil.rmtree(folder / "out", ignore_errors=True)
        path.unlink()
        peak = peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) * (1 if sys.platform == "darwin" else 1024)
    assert grown < LIMIT_BYTES
    return told


def test_whole_films_are_whole(films, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(opening, "choose_detector", lambda *_, **__: Stand())
    for kind, data in films.items():
        (tmp_path / f"film.{kind}").write_bytes(data)
        out = tmp_path / kind
        words = ["annotate-video", str(tmp_path / f"film.{kind}"), "--out", str(out), "--valence", "--quiet"]
        assert main([*words, "--head", "none"]) == 0
        assert check_folder(out, 0, kind) == THERE + GONE


def test_damaged_films(films, tmp_path, monkeypatch, capsys):
    told = annotate_copies(films, EVERYDAY, tmp_path, monkeypatch, capsys)
    assert all(told.values()), told


def test_a_frame_that_lost_its_time_base(films, tmp_path):
    """What a decoder may give of a damaged packet, as in copy 191: a number, and no clock that it is on."""
    (tmp_path / "film.ts").write_bytes(films["ts"])
    source = FilmSource(tmp_path / "film.ts")
    lost = SimpleNamespace(time=math.nan, dts=None, time_base=None, pts=129_600)
    assert source._time_s(lost, 1.36) == pytest.approx(1.44)
    lost.pts = None
    assert source._time_s(lost, 1.36) == pytest.approx(1.4)
    assert source.times_filled == 1


def test_a_jump_of_the_clock_is_no_hole_in_the_drawn_film(tmp_path):
    year_s = 31_536_000.0
    with H264Writer(tmp_path / "film.mp4", 64, 48) as writer:
        for time_s in (year_s, year_s + 0.04, 2 * year_s, 2 * year_s + 0.04):
            writer.write(np.zeros((48, 64, 3), np.uint8), time_s)
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert [frame.time for frame in film.decode(video=0)] == pytest.approx([0, 0.04, 1.04, 1.08])


@pytest.mark.slow
def test_many_damaged_films(films, tmp_path, monkeypatch, capsys):
    told = annotate_copies(films, COPIES, tmp_path, monkeypatch, capsys)
    with capsys.disabled():
        print(f"\n{COPIES} damaged copies and a whole one: {told}")
    assert sum(told.values()) == COPIES + 1
