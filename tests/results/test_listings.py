"""The corpora and models as tables, with the content of the commands' JSON."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import seqfer
from seqfer.cli import main


@pytest.mark.parametrize("command", ["datasets", "models"])
def test_a_table_has_the_rows_and_columns_of_the_json(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--json"]) == 0
    written, table = (
        json.loads(capsys.readouterr().out),
        {"datasets": seqfer.list_datasets, "models": seqfer.list_models}[command](),
    )
    assert list(table.columns) == list(written[0])
    assert json.loads(table.to_json(orient="records")) == written


def test_numbers_are_numbers_and_missing_weights_are_missing() -> None:
    models = seqfer.list_models().set_index("name")
    for name in ("input_size_px", "channels", "feature_dim", "parameters", "multiplications_convolutions"):
        assert models[name].dtype == "int64"
    assert set(models["kind"]) == {"encoder", "baseline"}
    assert pd.isna(models.loc["tiny", "weights"])
    assert models.loc["mobilenet", "scores"]["PublicTest"] > 0.5
