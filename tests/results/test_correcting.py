"""`seqfer.apply_corrections` and `seqfer.read(..., corrected=True)`."""

import shutil

import pytest
from viewed_runs import write_viewed_run

import seqfer
from seqfer.film.corrections import Name, Split, write_corrections


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_viewed_run(tmp_path_factory.mktemp("correcting"))


def test_the_folder_beside_the_run_and_the_same_in_memory(run, tmp_path):
    mine = shutil.copytree(run, tmp_path / "run")
    with pytest.raises(seqfer.InputError, match="has no corrections; make them in `seqfer view`"):
        seqfer.apply_corrections(mine)
    write_corrections(mine, [Split(1, 2.0, 2), Name(2, "Ann")])
    made = seqfer.apply_corrections(mine)
    assert made.folder == tmp_path / "run-corrected"
    assert made.tracks.person.tolist() == ["", "Ann"]
    in_memory = seqfer.read(mine, corrected=True)
    assert in_memory.folder is None
    assert in_memory.frames.equals(made.frames)
    assert seqfer.read(tmp_path, corrected=False).by_video.keys() == {"run", "run-corrected"}
    assert seqfer.read([mine], corrected=True)[0].frames.equals(made.frames)
    with pytest.raises(seqfer.InputError, match="is not empty"):
        seqfer.apply_corrections(mine)
