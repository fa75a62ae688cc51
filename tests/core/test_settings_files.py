"""Settings from TOML, --set, options and earlier runs: strict about names and types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqfer.core import settings_files
from seqfer.core.errors import SettingsError
from seqfer.core.settings import Field, settings
from seqfer.core.settings_files import Text, present_names, read_settings, saved_settings


@settings(frozen=True)
class Inner:
    epochs: int = Field(default=3, ge=1, description="e")
    rate: float = Field(default=0.1, description="r")


@settings(frozen=True)
class Outer:
    name: str = Field(default="a", description="n")
    heads: tuple[str, ...] = Field(default=("x",), description="h")
    flag: bool = Field(default=False, description="f")
    value_range: tuple[float, float] | None = Field(default=None, description="v")
    inner: Inner = Field(default_factory=Inner, description="i")
    other: Inner = Field(default_factory=lambda: Inner(epochs=7, rate=0.5), description="o")


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    return file


def test_later_sources_win(tmp_path: Path) -> None:
    file = write(tmp_path, 'name = "file"\n[inner]\nepochs = 5\nrate = 1\n')
    made = read_settings(Outer, file, [{"inner": {"epochs": 7}}], ["inner.rate=0.25", "heads=['u', 'v']"])
    assert made == Outer("file", ("u", "v"), inner=Inner(7, 0.25))
    saved = {"name": "saved", "flag": True}
    assert read_settings(Outer, file, base=saved) == Outer("file", flag=True, inner=Inner(5, 1.0))


def test_a_table_keeps_the_defaults_it_has_in_its_command() -> None:
    assert read_settings(Outer, sets=["other.epochs=2"]).other == Inner(2, 0.5)


def test_whole_number_is_a_float_where_a_float_is_wanted(tmp_path: Path) -> None:
    rate = read_settings(Outer, write(tmp_path, "[inner]\nrate = 2\n")).inner.rate
    assert rate == 2.0
    assert isinstance(rate, float)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name=tiny", Outer(name="tiny")),
        ("name='tiny'", Outer(name="tiny")),
        ("name=3", Outer(name="3")),
        ("name=", Outer(name="")),
        ("name=a=b", Outer(name="a=b")),
        ("heads=u,v", Outer(heads=("u", "v"))),
        ("heads=['u','v']", Outer(heads=("u", "v"))),
        ("heads=", Outer(heads=())),
        ("flag=true", Outer(flag=True)),
        ("value_range=-1,1", Outer(value_range=(-1.0, 1.0))),
        ("value_range=none", Outer()),
        ("inner.epochs=4", Outer(inner=Inner(4))),
    ],
)
def test_set_is_read_by_the_type_of_its_setting(text: str, expected: Outer) -> None:
    assert read_settings(Outer, sets=[text]) == expected
    key, _, value = text.partition("=")
    if "." not in key:  # an option of the command line is read the same way
        assert read_settings(Outer, overrides=[{key: Text(value)}]) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nmae = 'x'", "'nmae'; allowed: flag, heads, inner, name, other, value_range"),
        ("[inner]\nepoch = 3", "'inner.epoch'; allowed: inner.epochs, inner.rate"),
        ("[inner]\nepochs = 'many'", "inner.epochs = 'many'; allowed: a whole number, 1 or more"),
        ("[inner]\nepochs = 0", "inner.epochs = 0; allowed: a whole number, 1 or more"),
        ("flag = 1", "flag = 1; allowed: true or false"),
        ("inner = 3", "inner is a table"),
        ("[name]\nx = 3", "name is a single value and cannot also be a table"),
        ("name = ", "not valid TOML"),
    ],
)
def test_bad_file_names_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(SettingsError) as error:
        read_settings(Outer, file)
    assert said in str(error.value)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_wrong_value_of_the_command_line_does_not_name_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[inner]\nepochs = 5\n")
    with pytest.raises(SettingsError) as error:
        read_settings(Outer, file, sets=["inner.epochs=0"])
    assert str(error.value) == "inner.epochs = 0; allowed: a whole number, 1 or more"


def test_missing_file_and_bad_set(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(Outer, tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="key=value"):
        read_settings(Outer, sets=["inner.epochs"])
    with pytest.raises(SettingsError, match="cannot also be a table"):
        read_settings(Outer, sets=["name=a", "name.sub=b"])


def test_saved_settings_leave_out_what_is_not_a_setting(tmp_path: Path) -> None:
    saved = {"name": "b", "data_checksum": "0", "processes": 1}
    (tmp_path / "settings.json").write_text(json.dumps(saved))
    assert saved_settings(tmp_path) == {"name": "b"}
    with pytest.raises(SettingsError, match="no run to resume"):
        saved_settings(tmp_path / "none")


def test_a_former_name_is_read_and_the_present_one_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_files, "FORMER_NAMES", {"passes": "epochs", "title": "name"})
    assert read_settings(Outer, write(tmp_path, "title = 'b'\n[inner]\npasses = 5\n")) == Outer("b", inner=Inner(5))
    assert read_settings(Outer, sets=["inner.passes=5"]) == Outer(inner=Inner(5))
    assert present_names({"title": "b", "inner": {"passes": 5}}) == {"name": "b", "inner": {"epochs": 5}}
