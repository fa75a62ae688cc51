"""Settings of commands that serve pages."""

import pytest

from seqfer.core.errors import SettingsError
from seqfer.web.settings import RateSettings, ServerSettings


@pytest.mark.parametrize("cls", [ServerSettings, RateSettings])
def test_other_machines_only_where_allowed(cls):
    assert cls(host="localhost").port == 8765
    assert cls(host="0.0.0.0", allow_network=True).host == "0.0.0.0"
    with pytest.raises(SettingsError, match=r"0\.0\.0\.0 lets other machines connect.*--allow-network"):
        cls(host="0.0.0.0")


def test_the_rules_of_ratings_hold_too():
    with pytest.raises(SettingsError, match="give one axis, or two"):
        RateSettings(axes=("a", "b", "c"))
