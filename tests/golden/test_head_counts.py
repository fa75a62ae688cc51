"""Parameters of the heads with the thirty inputs and six outputs of sharma2019, beside what that paper states."""

import pytest

from seqfer.core import registry
from seqfer.models.layers import parameter_counts


@pytest.mark.parametrize(
    ("name", "count", "stated"),
    [
        # four gates x cells x (inputs + cells + two biases), then the linear layer
        ("lstm", 4 * 120 * (30 + 120 + 2) + 120 * 6 + 6, 94_606),
        ("bilstm", 2 * 4 * 80 * (30 + 80 + 2) + 160 * 6 + 6, 90_292),
        ("gru", 3 * 120 * (30 + 120 + 2) + 120 * 6 + 6, None),
        ("mean", 30 * 6 + 6, None),
    ],
)
def test_counts(name, count, stated):
    module = registry.find("heads", name)
    assert parameter_counts(module.build(30, 6)) == (count, count)
    assert getattr(module, "STATED_PARAMETERS", None) == stated
    assert count != stated  # the stated ones fit no plain network of this size; a match would be news for the docs
