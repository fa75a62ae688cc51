"""`seqfer.transfer` gives what the command writes, as tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from mock_corpus import write_mock
from two_classifiers import TwoClassifiers, of_any_call, write_two_classifiers

import seqfer
from seqfer.cli import main
from seqfer.runs.kinds.transfer import TransferReport
from seqfer.runs.records import read_record

EPOCH = {"epochs": 1, "augment": 0.0, "cutout": 0.0, "precision": "fp32"}
SETS = [
    word
    for table in ("training", "head_training")
    for key, value in EPOCH.items()
    for word in ("--set", f"{table}.{key}={value}")
]
OPTIONS = {"unfreeze": "last:1", "training": EPOCH, "head_training": EPOCH, "jobs": 1, "progress": False}

pytestmark = pytest.mark.usefixtures("module_cache")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> TwoClassifiers:
    return write_two_classifiers(tmp_path_factory.mktemp("transfer"))


@pytest.fixture(scope="module")
def run(files: TwoClassifiers) -> seqfer.api.Transfer:
    return seqfer.transfer(
        files.first, files.data, folds=2, protocols=("person", "plain"), out=files.data.parent / "run", **OPTIONS
    )


def test_it_gives_what_the_command_writes(
    files: TwoClassifiers, run: seqfer.api.Transfer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "transfer",
        str(files.first),
        "--data",
        str(files.data),
        "--folds",
        "2",
        "--split-protocol",
        "person,plain",
    ]
    words += ["--unfreeze", "last:1", *SETS, "--jobs", "1", "--quiet", "--out", str(tmp_path / "r")]
    assert main(words) == 0
    assert capsys.readouterr().out == f"{run}\n\nReport: {tmp_path / 'r' / 'report.html'}\n"
    written = read_record(TransferReport, tmp_path / "r" / "report.json")
    table = run.table
    for protocol, rows in written.protocols.items():
        mine = table[table["protocol"] == protocol]
        assert mine["step"].tolist() == [row.name for row in rows]
        assert mine["accuracy"].tolist() == [row.accuracy for row in rows]
        assert mine["error_rate"].tolist() == [row.error_rate_mean for row in rows]
    assert table[table["chosen"]]["step"].unique().tolist() == [written.chosen]


def test_predictions_are_of_every_protocol_and_step(run: seqfer.api.Transfer) -> None:
    found = run.predictions
    assert len(found) == 2 * 3 * 24
    for protocol in ("person", "plain"):
        for step in ("zero-shot", run.record.chosen):
            rows = found[(found["protocol"] == protocol) & (found["step"] == step)]
            confusion = run.confusion(step, protocol)
            assert (rows["label"] == rows["predicted"]).sum() == sum(confusion.loc[c, c] for c in confusion.index)
    pd.testing.assert_frame_equal(run.confusion(), run.confusion(run.record.chosen, "person"))
    with pytest.raises(seqfer.SettingsError, match=r"step = 'last:1': .*allowed: zero-shot, head, last-1"):
        run.confusion("last:1")
    with pytest.raises(seqfer.SettingsError, match="protocol = 'image'"):
        run.confusion(protocol="image")


def test_a_run_is_resumed_with_its_own_settings(run: seqfer.api.Transfer) -> None:
    again = seqfer.transfer(out=run.folder, resume=True, jobs=1, progress=False)
    assert of_any_call(again.record) == of_any_call(run.record)
    assert again.weights is None  # a model for each fold
    assert again.report().file == run.folder / "report.html"


def test_one_division_leaves_a_model(files: TwoClassifiers, tmp_path: Path) -> None:
    data = write_mock(tmp_path / "more", people=10)
    run = seqfer.transfer(files.first, data, out=tmp_path / "r", **{**OPTIONS, "unfreeze": "all"})
    assert run.weights is not None
    assert seqfer.evaluate(run.weights, data).table["clips"].tolist() == [30]


def test_bad_input_is_one_line(files: TwoClassifiers) -> None:
    for call, said in (
        (lambda: seqfer.transfer(files.first), "no data; give a manifest"),
        (lambda: seqfer.transfer(files.first, files.data, unfrees="all"), "unknown key 'unfrees'"),
        (lambda: seqfer.transfer(files.first, files.data, resume=True), "give the folder as out"),
    ):
        with pytest.raises(seqfer.SettingsError, match=said) as error:
            call()
        assert "\n" not in str(error.value)
