"""`seqfer.stress` gives what the command writes, as tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from two_classifiers import TwoClassifiers, of_any_call, write_two_classifiers

import seqfer
from seqfer.cli import main
from seqfer.runs.kinds.stress import StressReport
from seqfer.runs.records import read_record

pytestmark = pytest.mark.usefixtures("module_cache")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> TwoClassifiers:
    return write_two_classifiers(tmp_path_factory.mktemp("stress"))


def test_it_gives_what_the_command_writes(
    files: TwoClassifiers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["stress", str(files.first), "--data", str(files.data), "--only", "mirror,shift", "--quiet"]
    assert main([*words, "--out", str(tmp_path / "r")]) == 0
    test = seqfer.stress(files.first, files.data, only=["mirror", "shift"], progress=False)
    assert of_any_call(test.record) == of_any_call(read_record(StressReport, tmp_path / "r" / "stress.json"))
    assert capsys.readouterr().out.startswith(f"{test}\n")
    written = pd.read_csv(tmp_path / "r" / "stress.csv", keep_default_na=False, na_values={"ece": [""]})
    pd.testing.assert_frame_equal(test.table, written)
    assert test.drops["corruption"].tolist() == [row.name for row in test.record.corruptions]
    clean = test.predictions[test.predictions["corruption"] == "none"]
    assert (clean["label"] == clean["predicted"]).mean() == test.record.clean.accuracy
    assert test.folder is None
    assert "mirror" in test.report().html


def test_resume_continues_in_the_folder(files: TwoClassifiers, tmp_path: Path) -> None:
    options = {"out": tmp_path / "r", "only": ("mirror",), "images": 6, "progress": False}
    first = seqfer.stress(files.first, files.data, **options)
    again = seqfer.stress(files.first, files.data, **options, resume=True)
    pd.testing.assert_frame_equal(first.table, again.table)
    assert again.report().file == tmp_path / "r" / "stress.html"
    with pytest.raises(seqfer.InputError, match="images = 6, now 5"):
        seqfer.stress(files.first, files.data, **{**options, "images": 5}, resume=True)
    with pytest.raises(seqfer.SettingsError, match="give the folder as out"):
        seqfer.stress(files.first, files.data, resume=True)
