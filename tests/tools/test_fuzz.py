"""A short, repeatable run of the fuzzer: every kind of file, and that it counts what goes wrong. `make fuzz` runs it for an hour."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "tools" / "fuzz.py"


@pytest.fixture(scope="module")
def fuzzer():
    spec = importlib.util.spec_from_file_location("fuzz", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    yield module
    del sys.modules["fuzz"]


INPUTS = {"weights": 60, "manifests": 100, "settings": 60, "records": 40, "traces": 100, "pictures": 200, "videos": 40}


@pytest.mark.filterwarnings("default")  # what a command only prints
@pytest.mark.parametrize("kind", INPUTS)
def test_every_input_is_read_or_refused_in_one_line(fuzzer, kind):
    found = fuzzer.fuzz(kind, inputs=INPUTS[kind], seed=1)
    assert found.first == []
    assert (found.wrong, found.tracebacks, found.hangs) == (0, 0, 0)
    assert found.read + found.refused == INPUTS[kind]
    assert found.refused > INPUTS[kind] // 10


def test_what_goes_wrong_is_counted(fuzzer, monkeypatch, tmp_path):
    def faulty(folder):
        def read(work, draw):
            (work / "input").write_text("x")
            what = draw.choice((ZeroDivisionError("x"), fuzzer.WrongError("y"), None, fuzzer._HungError()))
            if what is not None:
                raise what

        return read

    monkeypatch.setitem(fuzzer.KINDS, "faulty", faulty)
    found = fuzzer.fuzz("faulty", inputs=100, keep=tmp_path)
    assert found.tracebacks > 10
    assert found.wrong > 10
    assert found.hangs > 10
    assert found.read > 10
    assert found.tracebacks + found.wrong + found.hangs + found.read == 100
    assert len(list(tmp_path.iterdir())) == 100 - found.read
    again = fuzzer.fuzz("faulty", inputs=100)
    assert [line[:20] for line in again.first] == [line[:20] for line in found.first]


def test_changes_are_many_and_repeatable(fuzzer):
    value = {"a": [1, 2, {"b": "c"}], "d": 0.5}
    texts = {fuzzer.dumped(fuzzer.mutated_value(value, random.Random(seed))) for seed in range(200)}
    assert len(texts) > 100
    assert len({fuzzer.mutated_bytes(b"abcdefgh" * 9, random.Random(seed)) for seed in range(200)}) > 150
    assert value == {"a": [1, 2, {"b": "c"}], "d": 0.5}
