"""Reads `study.toml`: stimuli, participants, their recorded videos and when each stimulus begins there, raters, and settings. Errors name file:line.

    title = "Comedy and tragedy"
    raters = ["ann", "ben"]

    [[stimulus]]
    name = "comedy"

    [[participant]]
    name = "P01"
    group = "patients"

    [[recording]]
    participant = "P01"
    stimulus = "comedy"
    video = "videos/P01_comedy.mp4"
    offset_s = 2.5          # the second of the recording at which the stimulus begins

The tables `[rating]` and `[annotation]` hold settings of `seqfer rate` and `seqfer annotate-video`. Paths start at the folder of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.files import home_expanded
from seqfer.core.input_files import parse_toml, read_text, regular_file
from seqfer.core.one_line import one_line, plain_text
from seqfer.core.settings_files import read_settings
from seqfer.study.plan import LONGEST_NAME, RatedVideo, RatingPlan, raters_of
from seqfer.study.settings import RatingSettings

STUDY_TOML = "study.toml"
ADVICE = "write one with `seqfer study init FOLDER`"
LISTS = ("stimulus", "participant", "recording")
TOP_KEYS = ("title", "raters", "ratings", "results", "rating", "annotation", *LISTS)
_RATING_PATHS = ("practice", "instructions", "language")
_NAME = re.compile(r"[^\W_][\w.-]*")
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"'-]+)\s*\]\]?")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")

T = TypeVar("T")


@dataclass(frozen=True)
class Stimulus:
    """What participants watched; `video` is its file, where there is one."""

    name: str
    video: Path | None = None


@dataclass(frozen=True)
class Participant:
    """A participant, and the group for comparisons, "" without one."""

    name: str
    group: str = ""


@dataclass(frozen=True)
class Recording:
    """The video of a participant who watched a stimulus, which begins at second `offset_s` of the video. Ratings and results are under `name`."""

    name: str
    participant: str
    stimulus: str
    video: Path
    offset_s: float = 0.0


@dataclass(frozen=True)
class StudyFile:
    """The content of a study file, checked. `annotation` are the settings of annotate-video as they are in the file."""

    path: Path
    title: str
    raters: tuple[str, ...]
    ratings: Path
    results: Path
    rating: RatingSettings
    annotation: Mapping[str, Any]
    stimuli: tuple[Stimulus, ...]
    participants: tuple[Participant, ...]
    recordings: tuple[Recording, ...]
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, repr=False)

    def plan(self) -> RatingPlan:
        """What the server of ratings needs."""
        videos = tuple(RatedVideo(one.name, one.video) for one in self.recordings)
        return RatingPlan(videos, self.rating, self.ratings, self.raters, self.title)

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Participants by group, in the order of the file; those without a group are left out."""
        names = dict.fromkeys(one.group for one in self.participants if one.group)
        return {group: tuple(one.name for one in self.participants if one.group == group) for group in names}

    def where(self, table: str, key: str = "") -> str:
        """ "study.toml:12: " for messages about a key of a table, or about the table."""
        line = self.lines.get((table, key)) or self.lines.get((table, ""), 1)
        return f"{self.path}:{line}: "


def read_study(path: Path) -> StudyFile:
    """Read and check a study file. Raises InputError in one line with file and line: for what is not TOML, an unknown key, a value of another
    kind, names that are not there or equal, and files that are missing."""
    return _Reader(path).study()


class _Reader:
    """One file while it is read."""

    def __init__(self, path: Path) -> None:
        self.path, self.folder = path, path.parent
        text = read_text(path, ADVICE)
        try:
            self.values = parse_toml(text)
        except ValueError as problem:
            at = re.search(r"at line (\d+)", str(problem))
            raise InputError(one_line(f"{path}:{at[1] if at else 1}: not valid TOML ({problem})")) from None
        self.lines = dict(_lines_of(text))

    def study(self) -> StudyFile:
        self._known(self.values, "", TOP_KEYS)
        raters = self._raters()
        stimuli = tuple(self._each("stimulus", ("name", "video"), self._stimulus))
        participants = tuple(self._each("participant", ("name", "group"), self._participant))
        self._different("stimulus", [one.name for one in stimuli])
        self._different("participant", [one.name for one in participants])
        self.names = {"stimulus": [s.name for s in stimuli], "participant": [p.name for p in participants]}
        keys = ("participant", "stimulus", "video", "offset_s", "name")
        recordings = tuple(self._each("recording", keys, self._recording))
        self._different("recording", [one.name for one in recordings])
        self._one_each(recordings)
        ratings, results = self._folder("ratings"), self._folder("results")
        if ratings.resolve() == results.resolve():
            self._fail("", "results", "is the folder of the ratings too; give another one")
        return StudyFile(
            self.path,
            self._text(self.values, "", "title", ""),
            raters,
            ratings,
            results,
            self._rating(),
            self._table("annotation"),
            stimuli,
            participants,
            recordings,
            self.lines,
        )

    def _raters(self) -> tuple[str, ...]:
        given = self.values.get("raters", [])
        if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            self._fail("", "raters", f"{given!r}; allowed: a list of names")
        try:
            return raters_of(given)
        except InputError as problem:
            self._fail("", "raters", str(problem), bare=True)

    def _rating(self) -> RatingSettings:
        given = self._table("rating")
        if "raters" in given:
            self._fail("rating", "raters", "is given at the top of the file, before the tables; move it there")
        for key in _RATING_PATHS:
            inside = isinstance(given.get(key), str) and given[key] and (key != "language" or len(given[key]) > 2)
            if inside:
                given[key] = str(self._path(given[key]))
        try:
            return read_settings(RatingSettings, overrides=[given])
        except SettingsError as problem:
            self._fail("rating", key_in(str(problem), given), str(problem), bare=True)

    def _stimulus(self, at: str, given: Mapping[str, Any]) -> Stimulus:
        return Stimulus(self._name(given, at), self._file(given, at, "video") if "video" in given else None)

    def _participant(self, at: str, given: Mapping[str, Any]) -> Participant:
        return Participant(self._name(given, at), self._text(given, at, "group", ""))

    def _recording(self, at: str, given: Mapping[str, Any]) -> Recording:
        people, seen = (self._one_of(given, at, key, self.names[key]) for key in ("participant", "stimulus"))
        offset = given.get("offset_s", 0.0)
        if isinstance(offset, bool) or not isinstance(offset, int | float) or not abs(offset) < 1e6:
            self._fail(at, "offset_s", f"{offset!r}; allowed: the second of the recording at which the stimulus begins")
        name = self._name(given, at) if "name" in given else f"{people}-{seen}"
        return Recording(name, people, seen, self._file(given, at, "video"), float(offset))

    def _one_each(self, recordings: tuple[Recording, ...]) -> None:
        seen = dict[tuple[str, str], str]()
        for number, one in enumerate(recordings, 1):
            who = (one.participant, one.stimulus)
            if who in seen:
                self._fail(
                    f"recording {number}",
                    "",
                    f"{who[0]} saw {who[1]} in {seen[who]} already; give one recording for each",
                    bare=True,
                )
            seen[who] = one.name

    def _each(self, kind: str, keys: tuple[str, ...], read: Callable[[str, Mapping[str, Any]], T]) -> Iterator[T]:
        tables = self.values.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            self._fail("", kind, f"is written as [[{kind}]], once for each")
        if not tables:
            raise InputError(f"{self.path}: has no [[{kind}]]; add one for each {kind}")
        for number, given in enumerate(tables, 1):
            at = f"{kind} {number}"
            self._known(given, at, keys)
            yield read(at, given)

    def _table(self, name: str) -> dict[str, Any]:
        given = self.values.get(name, {})
        if not isinstance(given, dict):
            self._fail("", name, f"is a table; write [{name}]")
        return dict(given)

    def _known(self, given: Mapping[str, Any], at: str, keys: tuple[str, ...]) -> None:
        for key in given:
            if key not in keys:
                self._fail(at, key, f"unknown key {key!r}; allowed: {', '.join(keys)}", bare=True)

    def _text(self, given: Mapping[str, Any], at: str, key: str, default: str | None = None) -> str:
        value = given.get(key, default)
        if value is None:
            self._fail(at, "", f"{key} is missing; add it", bare=True)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self._fail(at, key, f"{value!r}; allowed: a text")
        return value

    def _name(self, given: Mapping[str, Any], at: str) -> str:
        name = self._text(given, at, "name")
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME or name.endswith("."):
            self._fail(
                at,
                "name",
                f"{name!r}; allowed: 1 to {LONGEST_NAME} letters, digits, `-`, `_` and `.`, a letter or digit first",
            )
        return name

    def _one_of(self, given: Mapping[str, Any], at: str, key: str, names: list[str]) -> str:
        name = self._text(given, at, key)
        if name not in names:
            self._fail(at, key, f"{name!r} is not there; allowed: {', '.join(names)}")
        return name

    def _file(self, given: Mapping[str, Any], at: str, key: str) -> Path:
        path = self._path(self._text(given, at, key))
        try:
            regular_file(path, "correct the path, which starts at the folder of this file")
        except InputError as problem:
            self._fail(at, key, str(problem), bare=True)
        return path

    def _folder(self, key: str) -> Path:
        path = self._path(self._text(self.values, "", key, key))
        if path.exists() and not path.is_dir():
            self._fail("", key, f"{path} is a file; give a folder")
        return path

    def _path(self, text: str) -> Path:
        return self.folder / str(home_expanded(text))

    def _different(self, kind: str, names: list[str]) -> None:
        """Names that differ only in case would be one folder on some systems."""
        if twice := _first_equal(name.casefold() for name in names):
            places = [number for number, name in enumerate(names, 1) if name.casefold() == twice]
            first = f"{kind} {places[0]}"
            self._fail(
                f"{kind} {places[1]}",
                "name",
                f"{names[places[1] - 1]!r} is there twice, the first in line {self._line(first, 'name')}",
            )

    def _line(self, at: str, key: str = "") -> int:
        return self.lines.get((at, key)) or self.lines.get((at, ""), 1)

    def _fail(self, at: str, key: str, problem: str, *, bare: bool = False) -> NoReturn:
        words = problem if bare else f"{key}: {problem}"
        raise InputError(plain_text(one_line(f"{self.path}:{self._line(at, key)}: {words}"))) from None


def _lines_of(text: str) -> Iterator[tuple[tuple[str, str], int]]:
    """((table, key), line) of everything in a TOML text; the n-th table of a list is "recording n", and the key "" is its header.

    The text is known to be valid, and only lines of messages depend on this: a key inside a text of several lines is harmless.
    """
    table, counts, seen = "", dict[str, int](), set[tuple[str, str]]()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            name = header[2].strip("\"'")
            counts[name] = counts.get(name, 0) + 1
            table = f"{name} {counts[name]}" if header[1] == "[[" else name
            found = (table, "")
        elif key := _KEY.match(line):
            found = (table, key[1])
        else:
            continue
        if found not in seen:
            seen.add(found)
            yield found, number
        if table and " " not in table and ("", table) not in seen:
            seen.add(("", table))
            yield ("", table), number


def _first_equal(names: Iterator[str] | tuple[str, ...] | Any) -> str:
    seen = set[str]()
    for name in names:
        if name in seen:
            return str(name)
        seen.add(name)
    return ""


def key_in(problem: str, given: Mapping[str, Any]) -> str:
    """The key that a message of settings is about: it begins with the key, or quotes an unknown one."""
    return next((key for key in given if problem.startswith(key) or f"{key!r}" in problem), "")
