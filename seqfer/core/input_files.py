"""Reads files that anybody may have made: ordinary files only, of a limited size; JSON and TOML of a limited depth.

A folder, a pipe or a device (`/dev/zero`) in place of a file, a file that is too large, and text that a parser cannot take are errors of one line
that names the file. The readers of each kind of file check what the values mean. The limits are the constants below; those of `limit` can be
changed by environment variables, which the messages name.
"""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from seqfer.core.errors import InputError, SeqferError, SettingsError
from seqfer.core.one_line import one_line

LARGEST_TEXT_BYTES = 256 << 20  # a manifest of a million still images takes some 200 MB
LARGEST_JSON_BYTES = 64 << 20  # one JSON or TOML value; the records of the largest runs take some 10 MB
DEEPEST = 64  # objects and lists within each other; seqfer writes up to 8
LONGEST_NAME = 512  # characters of a name (of a class, a person, a clip)
_KINDS = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))

T = TypeVar("T")


def from_environment(variable: str) -> str:
    """What the user set an environment variable to, empty where it is not set."""
    return os.environ.get(variable, "").strip()


def limit(variable: str, default: int) -> int:
    """A limit that an environment variable may change. Raises SettingsError where it is not a whole number above 0."""
    text = from_environment(variable)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 19 and int(text) > 0):
        raise SettingsError(f"{variable}={text!r}: allowed is a whole number above 0; the default is {default}")
    return int(text)


def regular_file(
    path: Path,
    advice: str,
    most_bytes: int | None = None,
    *,
    error: type[SeqferError] = InputError,
    raised_by: str = "",
) -> int:
    """The size in bytes of an ordinary file, which is not opened. `advice` ends the message.

    Raises `error` for a file that is missing, a folder, a pipe or a device, and above `most_bytes`, which the variable `raised_by` raises.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError) as problem:  # ValueError: a name that no file can have
        raise error(one_line(f"{path}: cannot be read ({reason(problem)}); {advice}")) from None
    if not stat.S_ISREG(found.st_mode):
        kind = next((word for is_kind, word in _KINDS if is_kind(found.st_mode)), "a device")
        raise error(one_line(f"{path}: cannot be read (it is {kind}, not an ordinary file); {advice}"))
    if most_bytes is not None and found.st_size > most_bytes:
        more = f" (set {raised_by} to read more)" if raised_by else ""
        raise error(
            one_line(
                f"{path}: has {found.st_size:,} bytes; at most {most_bytes:,} are read{more}, so check that it is the right file"
            )
        )
    return found.st_size


def read_bytes(path: Path, advice: str, most_bytes: int, *, error: type[SeqferError] = InputError) -> bytes:
    """The content of an ordinary file. Raises `error`, as `regular_file`, and where it cannot be read."""
    regular_file(path, advice, most_bytes, error=error)
    try:
        with open(path, "rb") as file:
            return file.read(most_bytes)
    except OSError as problem:
        raise error(one_line(f"{path}: cannot be read ({reason(problem)}); {advice}")) from None


def read_text(
    path: Path, advice: str, most_bytes: int = LARGEST_TEXT_BYTES, *, error: type[SeqferError] = InputError
) -> str:
    """The UTF-8 text of an ordinary file, with or without a byte order mark. Raises `error`, as `read_bytes`, and where it is not UTF-8."""
    try:
        return read_bytes(path, advice, most_bytes, error=error).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(one_line(f"{path}: cannot be read (not UTF-8: {problem}); {advice}")) from None


def read_json(path: Path, advice: str, *, error: type[SeqferError] = InputError) -> Any:
    """The JSON value of a file. Raises `error` as `read_text` does, and where `parse_json` raises ValueError."""
    text = read_text(path, advice, LARGEST_JSON_BYTES, error=error)
    try:
        return parse_json(text)
    except ValueError as problem:
        raise error(one_line(f"{path}: cannot be read (not valid JSON: {problem}); {advice}")) from None


def read_toml(path: Path, advice: str, *, error: type[SeqferError] = SettingsError) -> dict[str, Any]:
    """The tables of a TOML file. Raises `error` as `read_text` does, and for what is not TOML or nested too deeply."""
    text = read_text(path, advice, LARGEST_JSON_BYTES, error=error)
    try:
        return parse_toml(text)
    except ValueError as problem:
        raise error(one_line(f"{path}: not valid TOML ({problem})")) from None


def parse_json(text: str) -> Any:
    """A JSON value. Raises ValueError for what is not JSON, has a lone surrogate that is no byte of a file name, or is nested too deeply."""
    return _checked(json.loads, text, "[{")


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises ValueError as `parse_json`."""
    return dict(_checked(tomllib.loads, text, "[{."))


def _checked(parse: Callable[[str], T], text: str, opening: str) -> T:
    try:
        value = parse(text)
    except RecursionError:
        raise ValueError(f"nested more than {DEEPEST} deep") from None
    if "\\" in text or sum(map(text.count, opening)) > DEEPEST:
        _check_nested(value)
    return value


def _check_nested(value: Any) -> None:
    """Raises ValueError for a value nested more than DEEPEST deep, and for text that no UTF-8 file can hold."""
    level, depth = [value], 0
    while level:
        if depth > DEEPEST:
            raise ValueError(f"nested more than {DEEPEST} deep")
        below: list[Any] = []
        for one in level:
            if isinstance(one, str):
                _check_text(one)
            elif isinstance(one, dict):
                for key in one:
                    _check_text(key)
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        level, depth = below, depth + 1


def _check_text(text: str) -> None:
    try:
        text.encode(
            "utf-8", "surrogateescape"
        )  # a byte of a file name that is not UTF-8 is written as \udc80 to \udcff
    except UnicodeEncodeError as problem:
        raise ValueError(f"a lone surrogate in {text[:40]!r} ({problem.reason})") from None


def reason(problem: Exception) -> str:
    """What an OSError says, in words of the system where it has some."""
    return str(getattr(problem, "strerror", None) or problem)
