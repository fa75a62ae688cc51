"""A video model is put on the runtime that was named, or on the first that can compute it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from seqfer import models
from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.models.film_model import FilmModel
from seqfer.models.runtime import check_precision, precision_on, with_runtime


@pytest.fixture(scope="module")
def model() -> FilmModel:
    return models.open("small", kind="video", device="cpu")


def runtime(name: str, rank: int, suits: bool = True, fails: bool = False) -> SimpleNamespace:
    def prepare(model: FilmModel) -> FilmModel:
        if fails:
            raise SettingsError(f"{name} cannot compute it")
        return replace(model, runtime=name)

    return SimpleNamespace(AUTO_RANK=rank, suits=lambda model: suits, prepare=prepare)


def installed(monkeypatch: pytest.MonkeyPatch, **runtimes: SimpleNamespace) -> None:
    monkeypatch.setattr(registry, "find_all", lambda kind: runtimes)
    monkeypatch.setattr(registry, "names", lambda kind: tuple(sorted(runtimes)))


def test_auto_takes_the_first_by_rank_that_suits_the_model(model: FilmModel, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, a=runtime("a", 3), b=runtime("b", 1, suits=False), c=runtime("c", 2))
    assert with_runtime(model).runtime == "c"


def test_auto_passes_over_a_runtime_that_cannot_prepare_the_model(
    model: FilmModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, a=runtime("a", 1, fails=True), b=runtime("b", 2))
    assert with_runtime(model).runtime == "b"
    installed(monkeypatch, a=runtime("a", 1, fails=True))
    with pytest.raises(SettingsError, match="no runtime can compute small; installed are a"):
        with_runtime(model)


def test_a_named_runtime_is_taken_and_an_unknown_one_is_refused_with_the_list(model: FilmModel) -> None:
    assert with_runtime(model, "torch").runtime == "torch"
    with pytest.raises(SettingsError, match=r"'tpu'.*onnx.*torch"):
        with_runtime(model, "tpu")


def test_a_runtime_that_knows_one_precision_decides_it() -> None:
    assert precision_on("onnx", "auto") == "fp32"
    assert precision_on("torch", "auto") == "auto"
    assert precision_on("onnx", "bf16") == "bf16"
    check_precision("torch", "bf16")
    check_precision("auto", "bf16")
    with pytest.raises(SettingsError, match="'bf16', but runtime is 'onnx', which computes in int8 and fp32"):
        check_precision("onnx", "bf16")
