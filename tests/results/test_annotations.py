"""Several annotated videos: joined tables, failures, and folders of results that are read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from drawn_film import write_drawn_film

import seqfer
from seqfer.results.annotations import Annotations


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    options = {"detector": "haar", "model": "small", "valence": True, "progress": False}
    one = seqfer.annotate(write_drawn_film(folder / "one.mp4", there=8, gone=2), out=folder / "r" / "one", **options)
    assert one.folder
    shutil.copytree(one.folder, folder / "r" / "P02" / "two")
    shutil.copytree(one.folder, folder / "r" / ".hidden" / "three")
    return folder / "r"


def test_tables_of_all_videos_have_their_names(results: Path) -> None:
    run = seqfer.read([results / "one", results / "P02" / "two"])
    assert isinstance(run, Annotations)
    assert [one.summary.analysed for one in run] == [one.summary.analysed for one in run[:]] == [10, 10]
    for name in ("frames", "tracks", "valence_1hz"):
        joined, single = getattr(run, name), getattr(run[0], name)
        assert list(joined.columns) == ["video", *single.columns]
        assert joined["video"].unique().tolist() == [str(results / "one"), str(results / "P02" / "two")]
        assert joined.index.tolist() == list(range(2 * len(single)))
        pd.testing.assert_frame_equal(joined.head(len(single)).drop(columns="video"), single)
    assert repr(run) == "<Annotations of 2 videos>"


def test_a_folder_of_several_results_is_read(results: Path) -> None:
    run = seqfer.read(results)
    assert isinstance(run, Annotations)
    assert list(run.by_video) == ["P02/two", "one"]
    assert run.failed == {}


def test_what_cannot_be_read_is_in_failed(results: Path, tmp_path: Path) -> None:
    shutil.copytree(results / "one", tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "summary.json").write_text('{"tool": "other"}')
    run = seqfer.read(tmp_path)
    assert isinstance(run, Annotations)
    assert (list(run.by_video), list(run.failed)) == (["good"], ["bad"])
    assert "summary.json: has no" in run.failed["bad"]
    assert repr(run) == "<Annotations of 1 video, 1 failed>"
    good, bad = str(run).splitlines()
    assert good.startswith("good  10 frames, 1 face")
    assert bad.startswith("bad   failed (")


def test_without_valence_there_is_no_trace(results: Path) -> None:
    one = seqfer.read(results / "one")
    bare = Annotations({"a": type(one)(one.frames, one.tracks, None, one.summary, one.report_html)})
    assert bare.valence_1hz is None


def test_where_every_video_failed_the_error_names_the_first_ones(tmp_path: Path) -> None:
    with pytest.raises(seqfer.InputError, match=r"^none of 1 videos has results: b \(gone\)$"):
        Annotations({}, {"b": "gone"})
    with pytest.raises(
        seqfer.InputError, match=r"^none of 5 videos has results: a \(gone\); b \(gone\); c \(gone\); and 2 more$"
    ):
        Annotations({}, dict.fromkeys("abcde", "gone"))
    with pytest.raises(seqfer.InputError, match="no video is given"):
        seqfer.read([])
    with pytest.raises(seqfer.InputError, match=r"none of 2 videos has results: \S+a \(.*no such folder.*\); \S+b \("):
        seqfer.read([tmp_path / "a", tmp_path / "b"])
