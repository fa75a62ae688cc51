"""`seqfer models`."""

import json
from dataclasses import replace

from seqfer.cli import main
from seqfer.commands.models import HEADINGS, table
from seqfer.core import registry
from seqfer.results.listings import KnownModel

MODEL = KnownModel(
    name="net",
    kind="encoder",
    paper="someone2020",
    input_size_px=48,
    channels=1,
    feature_dim=96,
    parameters=54_480,
    parameters_trainable=53_136,
    multiplications_convolutions=16_909_540,
    weights=None,
    scores={},
)


def test_json_lists_every_encoder_and_baseline_with_its_counts(capsys):
    assert main(["models", "--json"]) == 0
    records = {r["name"]: r for r in json.loads(capsys.readouterr().out)}
    assert tuple(records) == (*registry.names("encoders"), *registry.names("baselines"))
    assert records["linear_svm"]["kind"] == "baseline"
    assert records["linear_svm"]["parameters_trainable"] == 7 * (48 * 48 + 1)
    assert (
        records["resezap"].items()
        >= {
            "paper": "abriz2021",
            "input_size_px": 48,
            "channels": 1,
            "feature_dim": 96,
            "parameters": 54_480,
            "parameters_trainable": 53_136,
            "multiplications_convolutions": 16_909_540,
        }.items()
    )


def test_table_has_a_dash_where_there_is_nothing():
    heading, rule, row = table([MODEL]).splitlines()
    assert heading.split() == list(HEADINGS)
    assert set(rule) == {"-", " "}
    assert row.split() == ["net", "someone2020", "48x48x1", "96", "54,480", "53,136", "16,909,540", "-", "-"]


def test_table_shows_shipped_weights_and_scores():
    row = table([replace(MODEL, weights="net.safetensors", scores={"accuracy": 0.69744, "ece": 0.031})]).splitlines()[2]
    assert row.endswith("net.safetensors  accuracy 0.6974, ece 0.031")
