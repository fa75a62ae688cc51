"""A run with corrections becomes a run of its own, whose tables agree with each other, also with geometry."""

import json

import numpy as np
import pytest
from viewed_runs import write_uneven_video

import seqfer
from seqfer.film.corrected_run import write_corrected
from seqfer.film.corrections import Exclude, Split, write_corrections
from seqfer.film.output.agreement import disagreeing_tables
from seqfer.runs.checksums import damaged_files


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "geometry"])
def run(tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("corrected")
    video = write_uneven_video(folder / "uneven.mp4")
    given = {"valence": True, "geometry": request.param, "detector": "haar", "progress": False}
    made = seqfer.annotate(video, out=folder / "run", **given)
    write_corrections(made.folder, [Split(1, 2.0, 7), Exclude(1.0, 1.5, 1, "turned away")])
    return made


def test_all_tables_follow_from_the_corrected_rows(run, tmp_path):
    summary = write_corrected(run.folder, run.summary, tmp_path / "out")
    assert disagreeing_tables(tmp_path / "out", True, 0.5, None) == []
    assert damaged_files(tmp_path / "out") == set() or list(damaged_files(tmp_path / "out")) == []
    made = seqfer.read(tmp_path / "out")
    inside = run.frames[(run.frames.time_s >= 1.0) & (run.frames.time_s < 1.5)]
    assert summary.rows_without_face == run.summary.rows_without_face + len(inside)
    assert sorted(made.tracks.face) == [1, 7]
    assert summary.faces == 2
    assert set(made.valence_1hz[made.valence_1hz.second >= 2].face.dropna()) == {7}
    assert any("2 corrections of run" in note for note in summary.notes)
    assert json.loads((tmp_path / "out" / "corrections.json").read_text())["format_version"] == 1
    if run.summary.geometry is not None:
        kept = run.frames.face.notna() & ~run.frames.frame.isin(inside.frame)
        np.testing.assert_array_equal(
            np.asarray(made.landmarks)[made.frames.face.notna()], np.asarray(run.landmarks)[kept]
        )


def test_a_folder_with_files_is_not_overwritten(run, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(seqfer.InputError, match="is not empty; give a new folder"):
        write_corrected(run.folder, run.summary, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]
