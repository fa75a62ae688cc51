"""The last steps of an annotation: further files from the tables, and the report made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.film.finishing import remake_report, write_extra_files
from seqfer.film.one import annotate_film
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.runs.kinds.annotate_video import VideoSummary
from tests.drawn_film import write_drawn_film


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, VideoSummary]:
    folder = tmp_path_factory.mktemp("done")
    film, out = str(write_drawn_film(folder / "film.mp4", there=5, gone=1)), folder / "out"
    options = OutputOptions(formats=("webvtt",), command="seqfer annotate-video film.mp4")
    return film, out, annotate_film(film, out, AnnotateSettings(detector="haar", head="none"), options, quiet=True)


def test_the_summary_names_the_files_that_are_there(done: tuple[str, Path, VideoSummary]) -> None:
    _, out, summary = done
    assert list(summary.files) == ["frames.csv", "frames.parquet", "tracks.csv", "summary.json", "annotation.vtt"]
    assert all((out / name).is_file() for name in summary.files)
    assert summary.command == "seqfer annotate-video film.mp4"


def test_a_file_that_is_whole_is_kept_one_that_is_missing_made_and_an_edited_one_is_not_lost(
    done: tuple[str, Path, VideoSummary],
) -> None:
    film, out, summary = done
    before = (out / "annotation.vtt").stat()
    write_extra_files(film, out, summary, OutputOptions(formats=("webvtt",)))
    assert (out / "annotation.vtt").stat().st_ino == before.st_ino
    text = (out / "annotation.vtt").read_text()
    (out / "annotation.vtt").write_text("edited")
    write_extra_files(film, out, summary, OutputOptions(formats=("webvtt", "elan")))
    assert (out / "annotation.vtt").read_text() == text
    assert (out / "annotation-changed-1.vtt").read_text() == "edited"
    assert summary.created in (out / "annotation.eaf").read_text()


def test_a_report_from_the_tables_has_no_pictures(done: tuple[str, Path, VideoSummary]) -> None:
    _, out, summary = done
    assert "data:image/jpeg" in (out / "report.html").read_text()
    remake_report(out, summary)
    assert "data:image/jpeg" not in (out / "report.html").read_text()
