"""Options, --config and --set come from the settings classes: every command that has settings takes them, and help says what is declared."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest

import seqfer
from seqfer.cli import command_modules
from seqfer.commands._options import add_setting_argument, add_settings, explained, settings_from, typed
from seqfer.core import registry
from seqfer.core.errors import SettingsError
from seqfer.core.settings import REQUIRED, Field, Setting, all_settings, as_dict, declared, settings
from seqfer.core.settings_files import read_settings

COMMANDS = command_modules()
WITHOUT_SETTINGS = {"apply-corrections", "datasets", "models"}
WITHOUT_MODEL = {
    "compare",
    "calibrate-valence",
    "evaluate-aus",
    "evaluate-trace",
    "export",
    "leaderboard",
    "prepare",
    "prepare-films",
    "rate",
    "study",
    "view",
}


@settings(frozen=True)
class Toy:
    model: str = Field(description="the model")
    heads: tuple[str, ...] = Field(default=("a", "b"), description="the heads")
    rate_hz: float = Field(default=4.0, gt=0, description="the rate, 50 % of it")
    folds: int = Field(default=5, ge=2, description="the folds")
    faces: bool = Field(default=True, description="pictures of faces")
    causal: bool = Field(default=False, description="look at no later frame")
    value_range: tuple[float, float] | None = Field(default=None, description="the range")


def toy(*words: str) -> Toy:
    parser = argparse.ArgumentParser()
    add_setting_argument(parser, Toy, "model")
    names = ("heads", "rate_hz", "folds", "faces", "causal", "value_range")
    add_settings(parser, Toy, *names, spelled={"value_range": "--range"})
    parser.format_help()  # a per cent sign in a help text must not break it
    return settings_from(parser.parse_args(words), Toy)


def parser_of(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"seqfer {name}")
    COMMANDS[name].add_arguments(parser)
    return parser


def settings_classes() -> list[type]:
    """All settings classes of the package."""
    found: set[type] = set()
    for info in pkgutil.walk_packages(seqfer.__path__, "seqfer."):
        if info.name.rpartition(".")[2] == "settings" or info.name == "seqfer.tracks.following":
            module = importlib.import_module(info.name)
            members = [each for each in vars(module).values() if isinstance(each, type)]
            found |= {each for each in members if hasattr(each, "__pydantic_fields__") and each.__module__ == info.name}
    return sorted(found, key=lambda each: each.__name__)


def test_values_go_over_defaults_and_set_over_options(tmp_path) -> None:
    assert toy("m") == Toy("m")
    given = toy("m", "--heads", "x,y", "--rate-hz", "2", "--folds", "3", "--no-faces", "--causal", "--range=-1,1")
    assert given == Toy("m", ("x", "y"), 2.0, 3, False, True, (-1.0, 1.0))
    (tmp_path / "a.toml").write_text('model = "f"\nfolds = 7\nrate_hz = 1\n')
    config = ("--config", str(tmp_path / "a.toml"))
    assert toy(*config) == Toy("f", folds=7, rate_hz=1.0)
    assert toy("m", *config, "--folds", "8", "--set", "rate_hz=3", "--set", "causal=true") == Toy(
        "m", folds=8, rate_hz=3.0, causal=True
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "model is missing; give the model"),
        (("m", "--folds", "1"), "folds = 1; allowed: a whole number, 2 or more"),
        (("m", "--folds", "many"), "folds = 'many'; allowed: a whole number, 2 or more"),
        (("m", "--range", "5"), "value_range = [5]; allowed: 2 numbers"),
        (("m", "--set", "fold=3"), "unknown key 'fold'; allowed: causal, faces, folds"),
    ],
)
def test_a_wrong_value_is_one_line(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(SettingsError) as error:
        toy(*words)
    assert str(error.value).startswith(said)


def test_help_says_what_is_declared() -> None:
    known = declared(Toy)
    assert explained(known["folds"]) == "the folds (allowed: 2 or more; default: 5)"
    assert explained(known["model"]) == "the model"
    assert explained(known["heads"]) == "the heads (default: a,b)"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_with_settings_takes_config_and_set(name: str) -> None:
    parser = parser_of(name)
    if name in WITHOUT_SETTINGS:
        assert parser.get_default("settings_class") is None
        return
    assert parser.get_default("settings_class") is not None
    assert {"--config", "--set"} <= set(parser._option_string_actions)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_SETTINGS))
def test_every_command_that_runs_a_model_takes_a_device(name: str) -> None:
    assert ("--device" in parser_of(name)._option_string_actions) == (name not in WITHOUT_MODEL)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_SETTINGS))
def test_every_option_of_a_setting_is_as_declared(name: str) -> None:
    parser = parser_of(name)
    known = declared(parser.get_default("settings_class"))
    for action in parser._actions:
        if action.dest not in known or action.help == argparse.SUPPRESS:
            continue
        setting: Setting = action.setting  # type: ignore[attr-defined]
        assert setting == known[action.dest]
        assert setting.help in (action.help or "").replace("%%", "%")
        if setting.hint is not bool and setting.default not in (REQUIRED, "", None, ()):
            assert f"default: {typed(setting.default)}" in (action.help or "")
        assert action.default is None  # what is not given is the config file's, or the class' own default


@pytest.mark.parametrize("cls", settings_classes(), ids=lambda cls: cls.__name__)
def test_every_setting_has_a_line_of_help(cls: type) -> None:
    for setting in [*declared(cls).values(), *all_settings(cls)]:
        assert setting.help, f"{cls.__name__}.{setting.key} has no description"
        assert "\n" not in setting.help
        assert not setting.help.endswith("."), f"{cls.__name__}.{setting.key}"


@pytest.mark.parametrize(
    "name", ["detect_hz", "max_gap_s", "detector", "fusion", "seed", "precision", "device", "mirror"]
)
def test_a_setting_that_several_commands_have_has_one_default(name: str) -> None:
    defaults = {cls.__name__: declared(cls)[name].default for cls in settings_classes() if name in declared(cls)}
    assert len(defaults) > 1
    assert len(set(defaults.values())) == 1, defaults


def toml(values: dict[str, Any], table: str = "") -> str:
    """Plain values as TOML: single values first, then the tables."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if not isinstance(value, dict | None)]
    tables = [(name, value) for name, value in values.items() if isinstance(value, dict)]
    return "\n".join([*([f"[{table}]"] if table else []), *lines, *(toml(value, name) for name, value in tables)])


@pytest.mark.parametrize("cls", settings_classes(), ids=lambda cls: cls.__name__)
def test_settings_written_as_toml_are_read_back(cls: type, tmp_path: Path) -> None:
    needed = {name: "x" for name, setting in declared(cls).items() if setting.default is REQUIRED}
    made = cls(**needed)
    (tmp_path / "a.toml").write_text(toml(as_dict(made)))
    assert read_settings(cls, tmp_path / "a.toml") == made
    sets = [f"{setting.key}={typed(setting.default)}" for setting in all_settings(cls) if setting.key not in needed]
    assert read_settings(cls, overrides=[needed], sets=[text.replace("=None", "=none") for text in sets]) == made


def test_the_help_of_a_detector_names_all_of_them() -> None:
    for cls in settings_classes():
        if "detector" in declared(cls):
            assert all(name in declared(cls)["detector"].help for name in registry.names("detectors"))


@pytest.mark.parametrize(
    "words",
    [
        "annotate-video a.mp4 --max-gap 2 --start 1 --end 2 --format elan,webvtt",
        "evaluate-trace a b.csv --rate 2 --max-lag 3 --every 2 --range=-1,1 --lag 2 --lag-per pooled --format elan",
        "prepare-films a.mp4 --annotations b -o c.jsonl --lag 2.5 --range 0,1",
        "transfer compact --split-protocol person,plain --from-scratch",
        "evaluate-valence a --data b --least-votes 3",
        "ensemble a b --data c --fit-share 0.1 --fit-split Dev",
    ],
)
def test_option_names_of_the_version_before_are_taken(words: str) -> None:
    name, *rest = words.split()
    parser = parser_of(name)
    settings_from(parser.parse_args(rest), parser.get_default("settings_class"))


def test_several_paths_may_be_patterns(tmp_path: Path) -> None:
    for name in ("P2.csv", "P1.csv", "other.txt"):
        (tmp_path / name).touch()
    pattern, both = str(tmp_path / "P*.csv"), [tmp_path / "P1.csv", tmp_path / "P2.csv"]
    assert parser_of("evaluate-trace").parse_args(["run", pattern]).annotation == both
    assert parser_of("calibrate-valence").parse_args(["runs", pattern]).annotation == both
    assert parser_of("calibrate-valence").parse_args(["runs"]).annotation == []
    assert parser_of("leaderboard").parse_args([pattern, "x"]).runs == [*both, Path("x")]
    films = parser_of("prepare-films").parse_args(["x.mp4", "--annotations", pattern, "-o", "m.jsonl"])
    assert films.annotations == both


@pytest.mark.parametrize("text", ["1_0", "\u0662", "2.0"])
def test_jobs_are_plain_digits(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("cv", "annotate-video x.mp4", "transfer small"):
        with pytest.raises(SystemExit):
            parser_of(command.split()[0]).parse_args([*command.split()[1:], "--jobs", text])
        assert f"argument --jobs: invalid int value: {text!r}" in capsys.readouterr().err
