"""Errors of the input: one family that the command line prints in one line, apart from defects of seqfer."""

from __future__ import annotations

import pytest

from seqfer.cli import main
from seqfer.commands import datasets
from seqfer.core.errors import InputError, SeqferError, SettingsError, TrainingError, WeightsError

KINDS = (InputError, SettingsError, WeightsError, TrainingError)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_ends_the_command_with_one_line_and_code_2(kind, monkeypatch, capsys) -> None:
    def fails(args):
        raise kind("a.csv: 3 columns; allowed: 2; remove one")

    monkeypatch.setattr(datasets, "run", fails)
    assert main(["datasets"]) == 2
    assert capsys.readouterr().err == "seqfer datasets: a.csv: 3 columns; allowed: 2; remove one\n"


def test_the_traceback_is_shown_on_request(monkeypatch) -> None:
    def fails(args):
        raise SettingsError("seed is -1; allowed: 0 or more")

    monkeypatch.setattr(datasets, "run", fails)
    with pytest.raises(SettingsError, match="seed is -1"):
        main(["--traceback", "datasets"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_can_be_told_from_the_others_and_from_a_defect(kind) -> None:
    caught = [other for other in (*KINDS, ValueError, OSError, RuntimeError) if issubclass(kind, other)]
    assert caught == [kind]
    assert issubclass(kind, SeqferError)
