"""Parts are found by their file name; an outsider's module by its dotted path."""

import pytest

from seqfer.core import registry
from seqfer.core.errors import SettingsError


def test_the_file_name_is_the_registry():
    assert "ck+" in registry.names("datasets")
    assert not any(name.startswith("_") for kind in registry.KINDS for name in registry.names(kind))
    assert registry.find("datasets", "ck+").NAME == "ck+"
    assert set(registry.names("heads")) >= {"lstm", "bilstm", "gru", "mean"}


def test_an_outsiders_module(tmp_path, monkeypatch):
    (tmp_path / "mylab_heads").mkdir()
    (tmp_path / "mylab_heads" / "__init__.py").write_text("")
    (tmp_path / "mylab_heads" / "wide.py").write_text("def build(input_dim, output_dim): ...")
    (tmp_path / "mylab_heads" / "empty.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert registry.find("heads", "mylab_heads.wide").build(1, 2) is None
    with pytest.raises(SettingsError, match=r"has no function build\(\)"):
        registry.find("heads", "mylab_heads.empty")


@pytest.mark.parametrize("name", ["nothing", "no.such.module", "./ck+", "../data", "os.path", ""])
def test_what_is_no_part_is_one_line(name):
    with pytest.raises(SettingsError) as error:
        registry.find("datasets", name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["mylab_heads.wide", "os.path", ".lstm", "lstm.", 5, None, ["lstm"], "nothing"])
def test_a_file_may_name_only_what_is_included(name, monkeypatch):
    with pytest.raises(SettingsError, match="lstm") as error:
        registry.find_builtin("heads", name)
    assert "\n" not in str(error.value)
    assert registry.find_builtin("heads", "lstm") is registry.find("heads", "lstm")
    assert registry.find_builtin("encoders", "linear_svm") is registry.find("baselines", "linear_svm")


def test_the_user_may_allow_modules_of_their_own(tmp_path, monkeypatch):
    (tmp_path / "mylab_allowed").mkdir()
    (tmp_path / "mylab_allowed" / "wide.py").write_text("def build(input_dim, output_dim): ...")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv(registry.OWN_MODULES, "other.module, mylab_allowed.wide")
    assert registry.own_modules() == {"other.module", "mylab_allowed.wide"}
    assert registry.find_builtin("heads", "mylab_allowed.wide").build(1, 2) is None
