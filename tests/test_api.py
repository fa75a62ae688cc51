"""`import seqfer`: light to import, the same numbers as the commands, one-line errors, examples that run."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_film import write_drawn_film

import seqfer
from seqfer import api
from seqfer.cli import main

OPTIONS = ("--detector", "haar", "--valence", "--quiet")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drawn_film(tmp_path_factory.mktemp("video") / "drawn.mp4")


@pytest.fixture(scope="module")
def annotation(video: Path) -> seqfer.api.Annotation:
    return seqfer.annotate(video, detector="haar", valence=True, progress=False)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, seqfer; print(sorted({'torch', 'pandas', 'cv2', 'numpy', 'pydantic', 'sklearn'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_the_public_names_are_those_of_the_api() -> None:
    assert set(seqfer.__all__) == {*api.__all__, "__version__"}
    assert set(dir(seqfer)) == set(seqfer.__all__)
    with pytest.raises(AttributeError, match="no attribute 'annotat'"):
        _ = seqfer.annotat


def test_importing_the_api_does_not_import_scikit_learn_before_an_estimator_is_asked_for() -> None:
    code = (
        "import sys, seqfer.api; print('sklearn' in sys.modules, seqfer.PersonKFold.__name__, 'sklearn' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        == "False PersonKFold True\n"
    )
    with pytest.raises(AttributeError, match="no attribute 'PersonFold'"):
        _ = api.PersonFold


def test_annotate_gives_what_the_command_writes_column_by_column(
    video: Path, annotation: seqfer.api.Annotation, tmp_path: Path
) -> None:
    assert main(["annotate-video", str(video), *OPTIONS, "--out", str(tmp_path / "r")]) == 0
    written = seqfer.read(tmp_path / "r")
    assert written.folder == tmp_path / "r"
    assert annotation.folder is None
    for name in ("frames", "tracks", "valence_1hz"):
        pd.testing.assert_frame_equal(getattr(annotation, name), getattr(written, name))
    table = pd.read_csv(tmp_path / "r" / "frames.csv")
    assert list(table.columns) == list(written.frames.columns)
    assert np.allclose(table["valence"], written.frames["valence"].astype(float), atol=1e-6, equal_nan=True)
    assert annotation.report_html.startswith("<!DOCTYPE html>")


def test_types_of_the_columns(annotation: seqfer.api.Annotation) -> None:
    frames = annotation.frames
    assert frames["face"].dtype == pd.Int64Dtype()
    assert frames["time_s"].dtype == np.float64
    assert frames["face"].isna().sum() == annotation.summary.rows_without_face > 0
    seen = frames[frames["face"].notna()]
    assert np.allclose(seen[list(annotation.emotions)].sum(axis=1), 1, atol=1e-5)
    assert "40 frames, 1 face, 10 without a face" in repr(annotation)


def test_without_valence_there_is_no_trace(video: Path) -> None:
    assert seqfer.annotate(video, detector="haar", end_s=0.2, progress=False).valence_1hz is None


def test_the_number_of_threads_stays_as_it_was(video: Path) -> None:
    import cv2
    import torch

    before = torch.get_num_threads(), cv2.getNumThreads()
    seqfer.annotate(video, detector="haar", end_s=0.2, progress=False)
    assert (torch.get_num_threads(), cv2.getNumThreads()) == before


def test_out_keeps_the_folder_and_resume_needs_one(video: Path, tmp_path: Path) -> None:
    made = seqfer.annotate(video, out=tmp_path / "r", detector="haar", end_s=0.2, formats=("elan",), progress=False)
    assert made.folder == tmp_path / "r"
    assert (tmp_path / "r" / "annotation.eaf").is_file()
    with pytest.raises(seqfer.SettingsError, match="give the folder as out"):
        seqfer.annotate(video, resume=True)


def test_bad_input_is_one_line(tmp_path: Path, video: Path) -> None:
    for call, kind, said in (
        (lambda: seqfer.annotate(tmp_path / "no.mp4"), seqfer.InputError, "no such video"),
        (lambda: seqfer.annotate(video, valenc=True), seqfer.SettingsError, "unknown key 'valenc'"),
        (lambda: seqfer.annotate(video, fps=-1.0), seqfer.SettingsError, "fps"),
        (lambda: seqfer.read(tmp_path / "no"), seqfer.InputError, "no such folder"),
        (lambda: seqfer.read(tmp_path), seqfer.InputError, "no finished annotation"),
        (lambda: seqfer.load_model("no"), seqfer.SeqferError, "small"),
        (lambda: seqfer.load_model(device="tpu"), seqfer.SettingsError, "tpu"),
    ):
        with pytest.raises(kind, match=said) as error:
            call()
        assert "\n" not in str(error.value)


def test_a_folder_of_another_tool_is_refused(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text('{"tool": "other"}')
    with pytest.raises(seqfer.InputError, match=r"summary\.json: has no"):
        seqfer.read(tmp_path)


ESTIMATORS = ("ClipClassifier", "FaceSVM", "PersonKFold", "SequenceClassifier")
FUNCTIONS = [name for name in api.__all__ if inspect.isfunction(getattr(api, name))]


@pytest.mark.parametrize("name", [*ESTIMATORS, *FUNCTIONS])
def test_the_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestFinder(recurse=False).find(getattr(api, name), name, globs={})
    assert examples[0].examples
    for example in examples:
        assert doctest.DocTestRunner().run(example).failed == 0
