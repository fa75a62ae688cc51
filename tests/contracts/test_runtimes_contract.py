"""What every runtime promises. A new file in `seqfer/models/runtimes/` is tested without a change here."""

from dataclasses import replace

import numpy as np
import pytest

from seqfer import models
from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.models.runtime import check_precision, precision_on, with_runtime

NAMES = registry.names("models.runtimes")


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_the_numbers_of_the_model_itself(name):
    plain = models.open("small", kind="video", device="cpu")
    module = registry.find("models.runtimes", name)
    if not module.suits(plain):
        pytest.skip(f"runtime {name} is not installed")
    assert set(module.PRECISIONS) <= {"int8", "fp32", "bf16"}
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    prepared = with_runtime(plain, name)
    np.testing.assert_allclose(prepared.encode(faces), plain.encode(faces), atol=1e-4)
    assert prepared.runtime.startswith(name)
    assert prepared.classes == plain.classes


def test_the_order_of_auto_has_no_ties_and_something_computes_every_model():
    modules = registry.find_all("models.runtimes").values()
    assert len({module.AUTO_RANK for module in modules}) == len(modules)
    half = replace(models.open("small", kind="video", device="cpu"), bf16=True)
    assert any(module.suits(half) for module in modules)


@pytest.mark.parametrize("name", NAMES)
def test_a_precision_that_it_does_not_know_is_refused(name):
    known = registry.find("models.runtimes", name).PRECISIONS
    for precision in ("int8", "fp32", "bf16"):
        if precision in known:
            check_precision(name, precision)
        else:
            with pytest.raises(SettingsError, match=f"runtime is '{name}', which computes in {' and '.join(known)}"):
                check_precision(name, precision)
    assert precision_on(name, "auto") == ("auto" if "bf16" in known else "fp32")
    assert precision_on("auto", "bf16") == "bf16"


def test_an_unknown_runtime_is_one_line():
    with pytest.raises(SettingsError, match="unknown runtime 'nothing'; allowed: onnx, torch"):
        with_runtime(models.open("small", kind="video", device="cpu"), "nothing")
