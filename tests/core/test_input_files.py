"""Files that anybody may have made: ordinary ones only, limits of size and depth, one line for everything else."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqfer.core import input_files
from seqfer.core.errors import InputError, SettingsError, WeightsError
from seqfer.core.input_files import (
    limit,
    parse_json,
    parse_toml,
    read_bytes,
    read_json,
    read_text,
    read_toml,
    regular_file,
)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "No such file"),
        (os.mkdir, "it is a folder"),
        (os.mkfifo, "it is a pipe"),
        (_socket, "it is a socket"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device"),
        (lambda path: path.symlink_to(path), "oo many"),
    ],
)
def test_only_ordinary_files_are_opened(make: Callable[[Path], Any], words: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket is limited to some 100 bytes
    make(Path("x"))
    for read in (lambda path: regular_file(path, "give a file"), lambda path: read_text(path, "give a file")):
        with pytest.raises(InputError, match=f"x: cannot be read .*{words}.*give a file") as error:
            read(Path("x"))
        assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 5000, "a\nb\x1b[2J"])
def test_names_that_no_file_has_are_one_line(name: str) -> None:
    with pytest.raises(WeightsError, match="cannot be read") as error:
        regular_file(Path(name), "give a file", error=WeightsError)
    assert str(error.value).isprintable()


def test_large_files_are_refused_before_they_are_read(tmp_path) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match=r"has 1,099,511,627,776 bytes; at most 100 are read"):
        read_bytes(tmp_path / "sparse", "give a file", 100)
    with pytest.raises(InputError, match="at most 268,435,456 are read"):
        read_text(tmp_path / "sparse", "give a file")
    with pytest.raises(InputError, match="set SOME_LIMIT to read more"):
        regular_file(tmp_path / "sparse", "give a file", 100, raised_by="SOME_LIMIT")


@pytest.mark.parametrize("depth", [input_files.DEEPEST + 2, 1000, 100_000, 3_000_000])
def test_deep_nesting_is_refused_at_every_depth(depth: int, tmp_path) -> None:
    for text in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
        with pytest.raises(ValueError, match="nested more than 64 deep"):
            parse_json(text)
    (tmp_path / "a.json").write_text("[" * depth + "]" * depth)
    with pytest.raises(
        SettingsError, match=r"a\.json: cannot be read \(not valid JSON: nested more than 64 deep\); give another"
    ):
        read_json(tmp_path / "a.json", "give another", error=SettingsError)
    if depth <= 100_000:
        with pytest.raises(ValueError, match="nested more than 64 deep"):
            parse_toml("a = " + "[" * depth + "]" * depth)


def test_wide_values_and_those_at_the_limit_of_depth_are_read() -> None:
    depth = input_files.DEEPEST - 1
    assert parse_json("[" * depth + "]" * depth)
    assert len(parse_json(json.dumps([[]] * 10_000))) == 10_000
    assert parse_toml("[a.b]\nc = [1, 2]") == {"a": {"b": {"c": [1, 2]}}}


def test_surrogates_are_allowed_as_bytes_of_file_names_only() -> None:
    assert parse_json(r'"film\udce9.mp4"') == "film\udce9.mp4"
    assert parse_json(r'"\ud83d\ude42"') == "\U0001f642"
    for text in (r'"\ud800"', r'{"\udbff": 1}', r'[["a\udc00"]]'):
        with pytest.raises(ValueError, match="a lone surrogate"):
            parse_json(text)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x80", b"{", b"nul", b"1" * 5000, b""])
def test_what_is_no_json_is_one_line(content: bytes, tmp_path) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.json: cannot be read") as error:
        read_json(tmp_path / "a.json", "run it again")
    assert str(error.value).isprintable()


@pytest.mark.parametrize("content", [b"\xff", b"a = ", b"a" * 100, b"a = 1\na = 2"])
def test_what_is_no_toml_is_one_line(content: bytes, tmp_path) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"a\.toml: ") as error:
        read_toml(tmp_path / "a.toml", "give TOML")
    assert str(error.value).isprintable()


def test_a_limit_comes_from_the_environment(monkeypatch) -> None:
    assert limit("SEQFER_MAX_TEST", 5) == 5
    monkeypatch.setenv("SEQFER_MAX_TEST", " 70 ")
    assert limit("SEQFER_MAX_TEST", 5) == 70
    for text in ("0", "-1", "1e9", "many", "1" * 40, "\u0663"):
        monkeypatch.setenv("SEQFER_MAX_TEST", text)
        with pytest.raises(
            SettingsError, match=r"SEQFER_MAX_TEST=.*: allowed is a whole number above 0; the default is 5"
        ):
            limit("SEQFER_MAX_TEST", 5)
