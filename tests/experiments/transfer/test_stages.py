"""Stages of encoders by name, and the steps that unfreeze them."""

from __future__ import annotations

import pytest

from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.experiments.transfer.stages import plan_unfreezing, stage_names


def test_stages_of_encoders():
    def build(name):
        return registry.find("encoders", name).build(classes=7)

    assert stage_names(build("tiny")) == ("layers.0", "layers.3")
    assert stage_names(build("mobilenet")) == ("stem", *(f"blocks.{k}" for k in range(12)))
    assert stage_names(build("resezap")) == ("blocks.0", "blocks.1", "blocks.2", "dense")
    steps = plan_unfreezing(build("mobilenet"), "mobilenet", "blocks.10", ("1", "all"))
    assert [(s.name, s.stages, s.layers_frozen) for s in steps] == [
        ("head", 0, 14), ("last-1", 1, 13), ("last-2", 2, 12), ("all", 13, 0),
    ]  # fmt: skip
    with pytest.raises(
        SettingsError, match=r"no 'last:3'.* tiny has 2 stages .*: layers.0, layers.3; give last:0 to last:2"
    ):
        plan_unfreezing(build("tiny"), "tiny", "last:3", ())
