"""`seqfer.evaluate` gives what the command writes, as tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from two_classifiers import TwoClassifiers, of_any_call, write_two_classifiers

import seqfer
from seqfer.cli import main
from seqfer.runs.kinds.evaluate import EvaluateReport
from seqfer.runs.records import read_record

pytestmark = pytest.mark.usefixtures("module_cache")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> TwoClassifiers:
    return write_two_classifiers(tmp_path_factory.mktemp("evaluation"))


@pytest.fixture(scope="module")
def evaluation(files: TwoClassifiers) -> seqfer.api.Evaluation:
    return seqfer.evaluate(files.first, files.data)


def test_it_gives_what_the_command_writes(
    files: TwoClassifiers, evaluation: seqfer.api.Evaluation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(files.first), "--data", str(files.data), "--out", str(tmp_path / "r")]) == 0
    written = read_record(EvaluateReport, tmp_path / "r" / "evaluate.json")
    assert of_any_call(evaluation.record) == of_any_call(written)
    assert capsys.readouterr().out == f"{evaluation}\nReport: {tmp_path / 'r' / 'evaluate.html'}\n"
    assert evaluation.folder is None
    assert "24 images" in evaluation.report().html.replace("\u00a0", " ")


def test_the_tables_agree_with_the_predictions(evaluation: seqfer.api.Evaluation) -> None:
    found, classes = evaluation.predictions, list(evaluation.record.classes)
    assert np.allclose(found[classes].sum(axis=1), 1)
    confusion = evaluation.confusion()
    for actual in classes:
        for predicted in classes:
            both = (found["label"] == actual) & (found["predicted"] == predicted)
            assert confusion.loc[actual, predicted] == both.sum()
    (row,) = evaluation.table.to_dict("records")
    assert row["accuracy"] == (found["label"] == found["predicted"]).mean()
    assert (row["scored"], row["clips"]) == ("as_given", 24)
    assert evaluation.per_class().set_index("class")["support"].to_dict() == dict.fromkeys(classes, 8)
    assert evaluation.reliability()["count"].sum() == 24


def test_out_keeps_the_files(files: TwoClassifiers, tmp_path: Path) -> None:
    kept = seqfer.evaluate(str(files.first), str(files.data), out=tmp_path / "r", mirror=True)
    assert kept.folder == tmp_path / "r"
    assert kept.report().file == tmp_path / "r" / "evaluate.html"
    assert (tmp_path / "r" / "predictions.parquet").is_file()
    assert kept.record.mirror


def test_bad_input_is_one_line(files: TwoClassifiers, evaluation: seqfer.api.Evaluation, tmp_path: Path) -> None:
    for call, kind, said in (
        (lambda: seqfer.evaluate(files.first, tmp_path / "no.jsonl"), seqfer.InputError, r"no\.jsonl"),
        (lambda: seqfer.evaluate("smal", files.data), seqfer.SeqferError, "small"),
        (lambda: seqfer.evaluate(files.first, files.data, prior="even"), seqfer.SettingsError, "prior = 'even'"),
        (lambda: evaluation.confusion("all"), seqfer.SettingsError, "allowed: as_given"),
    ):
        with pytest.raises(kind, match=said) as error:
            call()
        assert "\n" not in str(error.value)
