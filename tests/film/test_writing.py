"""One pass through a video into its tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.film.opening import open_video
from seqfer.film.settings import AnnotateSettings
from seqfer.film.writing import AnnotationRun
from tests.drawn_film import write_drawn_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_drawn_film(tmp_path_factory.mktemp("film") / "film.mp4", there=5, gone=2))


def test_counts_and_tables_are_complete_afterwards(film: str, tmp_path: Path) -> None:
    with open_video(film, AnnotateSettings(detector="haar", head="none", valence=True), quiet=True) as opened:
        run = AnnotationRun(opened, tmp_path)
        assert run.counts.analysed == 0
        run.write_tables(None, quiet=True)
    assert (run.counts.analysed, run.counts.shots) == (7, 1)
    assert run.counts.seconds > 0
    assert run.files.counts.rows == 7
    assert run.thumbnails.pictures.keys() == {1}
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"frames.csv", "frames.parquet", "tracks.csv", "valence_1hz.csv"}


def test_an_error_leaves_no_table(film: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_video(film, AnnotateSettings(detector="haar", head="none"), quiet=True) as opened:
        run = AnnotationRun(opened, tmp_path)

        def fail(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(run.thumbnails, "look", fail)
        with pytest.raises(ZeroDivisionError):
            run.write_tables(None, quiet=True)
    assert list(tmp_path.iterdir()) == []
