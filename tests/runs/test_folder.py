"""Run folders: claimed once, resumed only with the same settings, JSON without NaN."""

import json
import shutil
import subprocess
import sys

import pytest

from seqfer.core.errors import InputError
from seqfer.core.files import StagedFile
from seqfer.runs import folder
from seqfer.runs.folder import default_folder, model_stem, open_run


def test_resume_needs_the_same_settings(tmp_path):
    open_run(tmp_path / "run", {"seed": 0}, resume=False)
    open_run(tmp_path / "run", {"seed": 0}, resume=True)
    with pytest.raises(InputError, match="--resume"):
        open_run(tmp_path / "run", {"seed": 0}, resume=False)
    with pytest.raises(InputError, match="seed = 0, now 1"):
        open_run(tmp_path / "run", {"seed": 1}, resume=True)


def test_a_run_of_the_version_before_is_resumed_under_the_present_names_of_settings(tmp_path):
    run = tmp_path / "run"
    open_run(run, {"training": {"calm_share": 0.2}, "least_votes": 6}, resume=False)
    open_run(run, {"training": {"reduced_augmentation_share": 0.2}, "min_votes": 6}, resume=True)
    with pytest.raises(InputError, match="min_votes = 6, now 3"):
        open_run(run, {"training": {"reduced_augmentation_share": 0.2}, "min_votes": 3}, resume=True)


def test_a_run_of_a_version_before_is_resumed_on_the_same_data_or_refused_with_the_reason(tmp_path):
    run = tmp_path / "run"
    open_run(run, {"seed": 0, "data_checksum": "f" * 64}, resume=False)
    now = {"seed": 0, "data_checksum": "c" * 64}
    open_run(run, now, resume=True, same_data=lambda recorded: recorded == "f" * 64)
    for same_data in (None, lambda recorded: False):
        with pytest.raises(
            InputError, match=r"started with other data .checksum ffffffffffff.*, or before checksums were"
        ) as caught:
            open_run(run, now, resume=True, same_data=same_data)
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="seed = 0, now 1"):
        open_run(run, {**now, "seed": 1}, resume=True, same_data=lambda recorded: True)


def test_what_a_kill_in_the_first_write_leaves_counts_as_empty(tmp_path):
    StagedFile(tmp_path / "settings.json").file.close()
    (tmp_path / ".lock").touch()
    open_run(tmp_path, {"seed": 0}, resume=True)
    assert json.loads((tmp_path / "settings.json").read_text()) == {"seed": 0}


def test_versions_are_written_when_a_kill_came_before_them(tmp_path):
    open_run(tmp_path, {"seed": 0}, resume=False)
    before = (tmp_path / "versions.json").read_text()
    (tmp_path / "versions.json").unlink()
    open_run(tmp_path, {"seed": 0}, resume=True)
    assert (tmp_path / "versions.json").read_text() == before


@pytest.mark.parametrize("package", ["seqfer", "torch"])
def test_a_run_is_not_resumed_with_another_version(tmp_path, monkeypatch, package):
    open_run(tmp_path, {}, resume=False)
    now = folder.versions()
    monkeypatch.setattr(folder, "versions", lambda: {**now, package: "99.1", "numpy": "99.2"})
    with pytest.raises(InputError, match=rf"was started with {package} .*, now 99\.1; numbers would mix") as caught:
        open_run(tmp_path, {}, resume=True)
    assert "\n" not in str(caught.value)
    monkeypatch.setattr(folder, "versions", lambda: {**now, "numpy": "99.2"})
    open_run(tmp_path, {}, resume=True)


@pytest.mark.parametrize("file", ["settings.json", "versions.json"])
@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_damaged_run_is_one_line(tmp_path, file, content):
    open_run(tmp_path, {}, resume=False)
    (tmp_path / file).write_text(content)
    with pytest.raises(InputError, match=file):
        open_run(tmp_path, {}, resume=True)


def in_another_process(folder, settings="{}", then=""):
    """Whether another process may go on with the run: nothing, or why not."""
    code = (
        "import sys, pathlib\nfrom seqfer.core.errors import InputError\nfrom seqfer.runs.folder import open_run\n"
        f"try:\n    open_run(pathlib.Path(sys.argv[1]), {settings}, resume=True)\n"
        f"except InputError as error:\n    print(error)\n{then}"
    )
    return subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False).stdout


def test_two_live_runs_are_kept_apart(tmp_path):
    folder = tmp_path / "run"
    said = in_another_process(folder, then="import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert said == ""
    open_run(folder, {}, resume=True)  # the killed one holds nothing any more
    open_run(folder, {}, resume=True)
    assert "another run is using it; wait for it or give another --out" in in_another_process(folder)
    shutil.rmtree(folder)
    open_run(folder, {}, resume=False)  # made anew: locked anew
    assert "another run is using it" in in_another_process(folder)


def test_a_refused_run_does_not_keep_the_lock(tmp_path):
    assert in_another_process(tmp_path / "run") == ""
    with pytest.raises(InputError, match="seed"):
        open_run(tmp_path / "run", {"seed": 1}, resume=True)
    assert in_another_process(tmp_path / "run") == ""


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="holds no seqfer run"):
        open_run(tmp_path, {}, resume=False)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert len(list(tmp_path.iterdir())) == 1


def test_unwritable_place_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        open_run(tmp_path / "file" / "run", {}, resume=False)


def test_default_folder_is_new_unless_resumed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = []
    for _ in range(3):
        folder = default_folder("cv-x", resume=False)
        open_run(folder, {}, resume=False)
        names.append(folder.name)
    assert names == ["cv-x", "cv-x-2", "cv-x-3"]
    assert default_folder("cv-x", resume=True).name == "cv-x-3"
    assert default_folder("cv-y", resume=True).name == "cv-y"


def test_models_that_are_all_called_encoder_get_folders_of_their_own(tmp_path):
    assert model_stem("compact") == "compact"
    assert model_stem(str(tmp_path / "vgg" / "encoder.safetensors")) == "vgg-encoder"
    assert model_stem(str(tmp_path / "mine.safetensors")) == "mine"
