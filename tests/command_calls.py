"""Calls of commands in the tests: the work that a command starts is recorded and answered, all else is the command's own."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from seqfer.cli import main


class Recorded:
    """Stands in for the work: keeps how it was called, and answers with `result`."""

    def __init__(self, result: Any) -> None:
        self.result, self.calls = result, list[tuple[tuple[Any, ...], dict[str, Any]]]()

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.calls.append((given, named))
        return self.result

    @property
    def only(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The one call there was."""
        (call,) = self.calls
        return call


def recorded(monkeypatch: pytest.MonkeyPatch, target: str, result: Any) -> Recorded:
    """Record the calls of `package.module.function`."""
    module, _, name = target.rpartition(".")
    made = Recorded(result)
    monkeypatch.setattr(importlib.import_module(module), name, made)
    return made


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line with which a command ends with code 2."""
    capsys.readouterr()
    assert main(list(words)) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1, line
    assert line.startswith(f"seqfer {words[0]}: ")
    return line
