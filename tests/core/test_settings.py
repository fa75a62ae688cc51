"""Settings from TOML, --set and defaults: strict about names and types."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seqfer.core.errors import SettingsError
from seqfer.core.settings import as_dict, read_settings


@dataclass(frozen=True)
class Inner:
    epochs: int = 3
    rate: float = 0.1


@dataclass(frozen=True)
class Outer:
    name: str = "a"
    heads: tuple[str, ...] = ("x",)
    flag: bool = False
    inner: Inner = field(default_factory=Inner)


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    return file


def test_later_sources_win(tmp_path):
    file = write(tmp_path, 'name = "file"\n[inner]\nepochs = 5\nrate = 1\n')
    made = read_settings(Outer, file, [{"inner": {"epochs": 7}}], ["inner.rate=0.25", "heads=['u', 'v']"])
    assert made == Outer("file", ("u", "v"), False, Inner(7, 0.25))


def test_whole_number_is_a_float_where_a_float_is_wanted(tmp_path):
    rate = read_settings(Outer, write(tmp_path, "[inner]\nrate = 2\n")).inner.rate
    assert rate == 2.0
    assert isinstance(rate, float)


def test_bare_word_is_text():
    assert read_settings(Outer, sets=["name=tiny"]).name == "tiny"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nmae = 'x'", "'nmae'; allowed: flag, heads, inner, name"),
        ("[inner]\nepoch = 3", "'inner.epoch'; allowed: inner.epochs, inner.rate"),
        ("[inner]\nepochs = 'many'", "inner.epochs = 'many' is not of the type int"),
        ("flag = 1", "flag = 1 is not of the type bool"),
        ("inner = 3", "inner is a table"),
        ("name = ", "not valid TOML"),
    ],
)
def test_bad_file_names_file_and_key(tmp_path, text, said):
    file = write(tmp_path, text)
    with pytest.raises(SettingsError) as error:
        read_settings(Outer, file)
    assert said in str(error.value)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_file_and_bad_set(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(Outer, tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="key=value"):
        read_settings(Outer, sets=["inner.epochs"])
    with pytest.raises(SettingsError, match="cannot also be a table"):
        read_settings(Outer, sets=["name=a", "name.sub=b"])


def test_as_dict_is_plain():
    assert as_dict(Outer()) == {"name": "a", "heads": ["x"], "flag": False, "inner": {"epochs": 3, "rate": 0.1}}
