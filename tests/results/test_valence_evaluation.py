"""`seqfer.evaluate_valence` gives what the command writes, as tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import seqfer
from seqfer.cli import main
from seqfer.metrics.traces import trace_scores
from seqfer.runs.kinds.evaluate_valence import EvaluateValenceReport
from seqfer.runs.records import as_json, read_record

SMALL = {"classifier": "small", "mean_of": "", "min_votes": 5}

pytestmark = pytest.mark.usefixtures("module_cache")


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn pictures of two people with ten votes each."""
    path = tmp_path_factory.mktemp("rated") / "rated.jsonl"
    head, *clips = map(json.loads, seqfer.prepare("posed", out=path, people=2).path.read_text().splitlines())
    for k, clip in enumerate(clips):
        votes = [10 * (emotion == k % 8) for emotion in range(8)]
        clip.update(frames=clip["frames"][-1:], valence=None, votes=votes)
    path.write_text("\n".join(map(json.dumps, [head, *clips])))
    return path


@pytest.fixture(scope="module")
def evaluation(rated: Path) -> seqfer.api.ValenceEvaluation:
    return seqfer.evaluate_valence("compact", rated, **SMALL)


def test_it_gives_what_the_command_writes(
    rated: Path, evaluation: seqfer.api.ValenceEvaluation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate-valence", "compact", "--data", str(rated), "--classifier", "small", "--mean-of", ""]
    assert main([*words, "--min-votes", "5", "--out", str(tmp_path / "r")]) == 0
    assert capsys.readouterr().out == f"{evaluation}\n"
    written = read_record(EvaluateValenceReport, tmp_path / "r" / "evaluation.json")
    assert as_json(evaluation.record)["scores"] == as_json(written)["scores"]
    assert evaluation.folder is None
    assert "14 images" in evaluation.report().html
    assert (tmp_path / "r" / "report.html").is_file()


def test_the_table_agrees_with_the_predictions(evaluation: seqfer.api.ValenceEvaluation) -> None:
    found, table = evaluation.predictions, evaluation.table.set_index(["predictor", "measure"])
    assert len(found) == 14
    for predictor, column in (("model", "predicted"), ("norms", "norms")):
        by_hand = trace_scores(found[column].to_numpy(), found["truth"].to_numpy())
        assert table.loc[(predictor, "rmse"), "value"] == pytest.approx(by_hand.rmse)
        assert table.loc[(predictor, "ccc"), "value"] == pytest.approx(by_hand.ccc)
    assert (table["low"] <= table["high"]).sum() >= 10


def test_bad_input_is_one_line(rated: Path, tmp_path: Path) -> None:
    unrated = seqfer.prepare("posed", out=tmp_path / "drawn.jsonl", people=2).path
    for call, said in (
        (lambda: seqfer.evaluate_valence("compact", unrated), "has several frames"),
        (lambda: seqfer.evaluate_valence("compact", rated, **{**SMALL, "min_votes": 11}), "lower --min-votes"),
        (lambda: seqfer.evaluate_valence("compact", rated, min_votes=0), "min_votes = 0"),
    ):
        with pytest.raises(seqfer.SeqferError, match=said) as error:
            call()
        assert "\n" not in str(error.value)
