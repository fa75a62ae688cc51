"""Every command has a function of the Python API, with the same arguments, settings and defaults."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import seqfer
from seqfer import api
from seqfer.cli import command_module, command_names
from seqfer.core.settings import REQUIRED, declared

OTHER_NAMES = {
    "annotate-video": "annotate",
    "calibrate-valence": "calibrate",
    "compare": "compare_runs",
    "cv": "cross_validate",
    "datasets": "list_datasets",
    "evaluate-trace": "compare_traces",
    "models": "list_models",
    "study": "open_study",
}
# Options for which Python needs no argument: a TOML file and KEY=VALUE are keyword arguments, JSON is .record, a list of paths is a list, and a
# calibration is applied by its method, as the actions of a study are methods.
ONLY_TYPED = {"config", "set", "json", "list", "apply", "action"}
OTHER_ARGUMENTS = {
    "quiet": ("progress",),
    "no_browser": ("browser",),
    "annotation": ("annotations",),
    "films": ("video", "videos"),
    "paths": ("file",),
    "run_folder": ("runs", "run"),
    "runs": ("runs", "first_run", "second_run"),
}


def function_of(command: str) -> Callable[..., Any]:
    """The function that does what the command does."""
    found: Callable[..., Any] = getattr(api, OTHER_NAMES.get(command, command.replace("-", "_")))
    return found


def parser_of(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    command_module(command).add_arguments(parser)
    return parser


def has_settings(command: str) -> bool:
    return parser_of(command).get_default("settings_class") is not None


COMMANDS = command_names()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_function(command: str) -> None:
    assert inspect.isfunction(function_of(command))
    assert function_of(command).__name__ in api.__all__


@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_command_takes_the_function_takes(command: str) -> None:
    taken = inspect.signature(function_of(command)).parameters
    typed = [option for option in parser_of(command)._actions if option.help != argparse.SUPPRESS]  # not former names
    for option in typed:
        names = OTHER_ARGUMENTS.get(option.dest, (option.dest,))
        if option.dest not in ONLY_TYPED and not hasattr(option, "setting"):
            assert set(names) & set(taken), f"{option.dest} of `seqfer {command}` is no argument of the function"


@pytest.mark.parametrize("command", COMMANDS)
def test_arguments_have_the_defaults_of_the_command(command: str) -> None:
    parser = parser_of(command)
    settings = declared(parser.get_default("settings_class")) if has_settings(command) else {}
    options = {name: option for option in parser._actions for name in OTHER_ARGUMENTS.get(option.dest, (option.dest,))}
    for name, argument in inspect.signature(function_of(command)).parameters.items():
        needed = argument.default is inspect.Parameter.empty
        if name in settings:
            expected = settings[name].default
            assert needed if expected is REQUIRED else argument.default == expected, name
        elif name in options:
            option = options[name]
            expected = not option.default if option.dest in ("quiet", "no_browser") else option.default
            assert option.required if needed else argument.default == expected, name
        else:
            assert argument.kind is inspect.Parameter.VAR_KEYWORD, f"`seqfer {command}` has no {name}"


@pytest.mark.parametrize("command", [name for name in COMMANDS if has_settings(name)])
def test_further_keyword_arguments_are_the_settings_of_the_command(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    function = function_of(command)
    needed = {
        name: "nowhere"
        for name, argument in inspect.signature(function).parameters.items()
        if argument.default is inspect.Parameter.empty and argument.kind is not inspect.Parameter.VAR_KEYWORD
    }
    with pytest.raises(seqfer.SettingsError) as error:
        function(**needed, no_such_setting=1)
    allowed = ", ".join(sorted(declared(parser_of(command).get_default("settings_class"))))
    assert str(error.value) == f"unknown key 'no_such_setting'; allowed: {allowed}"
    assert list(tmp_path.iterdir()) == []  # nothing is begun before the settings are read


def test_no_other_name_is_stale() -> None:
    assert set(OTHER_NAMES) <= set(command_names())
    assert not {name for name in OTHER_NAMES.values() if name.replace("_", "-") in command_names()}
