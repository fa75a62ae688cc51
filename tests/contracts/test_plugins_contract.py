"""What every plug-in of every kind must offer, checked on the modules that the registry finds."""

import pytest

from seqfer.core import registry
from seqfer.core.errors import SettingsError

KINDS = tuple(registry.KINDS)
PLUGINS = [(kind, name) for kind in KINDS for name in registry.names(kind)]


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_a_plugin_offers_what_its_kind_must_offer_and_says_what_it_is(kind, name):
    module = registry.find(kind, name)
    for offered in registry.KINDS[kind].offers:
        assert hasattr(module, offered), f"seqfer/{kind.replace('.', '/')}/{name}.py lacks {offered}"
        assert callable(getattr(module, offered)) or not offered.islower()
    assert module.__doc__ is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_plugins_and_lists_them_sorted(kind):
    assert registry.names(kind)
    assert list(registry.find_all(kind)) == sorted(registry.names(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_name_is_refused_in_one_line_that_lists_the_names(kind):
    with pytest.raises(SettingsError, match=f"unknown {registry.KINDS[kind].word} 'nothing'; allowed: ") as error:
        registry.find(kind, "nothing")
    assert "\n" not in str(error.value)
    assert all(name in str(error.value) for name in registry.names(kind))
