"""Settings of `seqfer prepare` that are out of range."""

import pytest

from seqfer.core.errors import SettingsError
from seqfer.corpus.settings import PrepareSettings


@pytest.mark.parametrize("share", [0, 0.05, 0.2, 0.5])
def test_a_share_for_testing_or_none(share):
    assert PrepareSettings(test_share=share).test_share == share


@pytest.mark.parametrize(
    ("name", "value"), [("test_share", 0.01), ("test_share", 0.6), ("seed", -1), ("classes", "five")]
)
def test_what_is_out_of_range_is_one_line(name, value):
    with pytest.raises(SettingsError, match="allowed") as caught:
        PrepareSettings(**{name: value})
    assert str(value) in str(caught.value)
    assert "\n" not in str(caught.value)
