"""Reads and writes manifests: lists of clips as JSON lines, validated, with file and line in every error message.

The first line is a header, `{"seqfer_manifest": 1, "corpus": ..., "classes": [...], "notes": [...]}`; each further line is one clip with the
fields of `seqfer.core.records.Clip`. Relative frame paths are relative to the manifest's folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError
from seqfer.core.files import write_atomically
from seqfer.core.input_files import parse_json, read_text
from seqfer.core.numbers import is_count
from seqfer.core.records import Clip
from seqfer.corpus.content import content_checksum

VERSION = 1
LONGEST_INDEX = 9  # digits of a frame's number
_FIELDS = {f.name for f in fields(Clip)}
_NEEDED = {"clip", "person", "label", "frames", "corpus"}


@dataclass(frozen=True)
class Manifest:
    """A validated list of clips. `classes` are the labels that occur, in the vocabulary's order; `notes` state what is missing in a copy.

    `duplicates_marked` says that duplicates have been searched and marked already; it is not written to the file and not compared."""

    corpus: str
    classes: tuple[str, ...]
    clips: tuple[Clip, ...]
    root: Path
    notes: tuple[str, ...] = ()
    duplicates_marked: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for clip in self.clips:
            if clip.clip in seen:
                raise InputError(f"{self.corpus}: clip {clip.clip!r} occurs twice; names must be unique")
            seen.add(clip.clip)
            if clip.label is not None and clip.label not in self.classes:
                raise InputError(
                    f"clip {clip.clip}: label {clip.label!r} is not among the classes {', '.join(self.classes)}"
                )
        if not self.clips:
            raise InputError(f"{self.corpus}: no clips")

    @property
    def people(self) -> tuple[str, ...]:
        """All people, sorted."""
        return tuple(sorted({clip.person for clip in self.clips}))

    def only(self, classes: Iterable[str]) -> Manifest:
        """The same manifest with only the clips of these classes. Raises InputError when no clip is left."""
        wanted = tuple(classes)
        kept = tuple(clip for clip in self.clips if clip.label in wanted)
        if not kept:
            raise InputError(
                f"{self.corpus} has no clip of the classes {', '.join(wanted)}; it has {', '.join(self.classes)}"
            )
        return replace(self, classes=tuple(c for c in wanted if any(k.label == c for k in kept)), clips=kept)

    def path_of(self, reference: str) -> tuple[Path, int | None]:
        """A frame reference as (file, index), the index being None for an image file."""
        name, mark, index = reference.rpartition("#")
        if mark and is_count(index) and len(index) <= LONGEST_INDEX:
            return self.root / name, int(index)
        return self.root / reference, None

    def checksum(self) -> str:
        """sha256 over the content of the clips: names, people, labels, ratings and pixels, whatever the files are called. See `content_checksum`."""
        return content_checksum(self.clips, self.path_of)


def classes_of(clips: Iterable[Clip]) -> tuple[str, ...]:
    """The labels that occur, in the vocabulary's order."""
    found = {clip.label for clip in clips}
    return tuple(emotion for emotion in EMOTIONS if emotion in found)


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Write as JSON lines, atomically. Frame references must already be relative to `path`'s folder, or absolute."""
    header = {
        "seqfer_manifest": VERSION,
        "corpus": manifest.corpus,
        "classes": list(manifest.classes),
        "notes": list(manifest.notes),
    }
    lines = [json.dumps(header, ensure_ascii=False), *(manifest_line(clip) for clip in manifest.clips)]
    write_atomically(path, "\n".join(lines) + "\n")


def read_manifest(path: Path) -> Manifest:
    """Read and validate. Raises InputError with `file:line` for anything invalid."""
    text = read_text(path, "make a manifest with `seqfer prepare`")
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise InputError(f"{path}: empty; make a manifest with `seqfer prepare`")
    header = _parse(path, *lines[0])
    if header.get("seqfer_manifest") != VERSION:
        raise InputError(
            f'{path}:{lines[0][0]}: no header {{"seqfer_manifest": {VERSION}, ...}}; make a manifest with `seqfer prepare`'
        )
    _check_header(path, lines[0][0], header)
    clips = []
    for number, line in lines[1:]:
        try:
            clips.append(_clip(_parse(path, number, line)))
        except InputError as error:
            message = str(error)
            raise InputError(message if message.startswith(str(path)) else f"{path}:{number}: {message}") from None
    try:
        return Manifest(
            corpus=header.get("corpus", path.stem),
            classes=tuple(header.get("classes") or classes_of(clips)),
            clips=tuple(clips),
            root=path.parent.resolve(),
            notes=tuple(header.get("notes") or ()),
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _parse(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = parse_json(line)
    except ValueError as error:
        raise InputError(f"{path}:{number}: not valid JSON ({error}); each line is one JSON object") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}:{number}: a {type(value).__name__}; each line is one JSON object")
    return value


def _check_header(path: Path, number: int, header: dict[str, Any]) -> None:
    if not isinstance(header.get("corpus", ""), str):
        raise InputError(f"{path}:{number}: corpus is {_shown(header['corpus'])}; it must be text")
    for name in ("classes", "notes"):
        if header.get(name) is not None and not _is_texts(header[name]):
            raise InputError(f"{path}:{number}: {name} is {_shown(header[name])}; it must be a list of texts")
    classes = header.get("classes") or ()
    if len(set(classes)) < len(classes):
        raise InputError(f"{path}:{number}: classes is {_shown(classes)}; name each class once")
    for name in classes:
        if name not in EMOTIONS:
            raise InputError(
                f"{path}:{number}: class {name!r} is not in the vocabulary; allowed: {', '.join(EMOTIONS)}"
            )


def _check_types(value: dict[str, Any]) -> None:
    """Checks the types of names and frames in the file: Python would accept a text as a list of letters, and a number as a name."""
    for name in ("clip", "person", "corpus", "label", "split"):
        may_lack = name in ("label", "split")
        if not (isinstance(value.get(name), str) or (may_lack and value.get(name) is None)):
            wanted = "text or null" if may_lack else "text"
            raise InputError(f"{name} is {_shown(value[name])}; it must be {wanted}")
    if not _is_texts(value["frames"]):
        raise InputError(f"frames is {_shown(value['frames'])}, the wrong type; it must be a list of texts")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _shown(value: Any) -> str:
    """A value for a message, as JSON, shortened to fit one line."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _clip(value: dict[str, Any]) -> Clip:
    unknown = sorted(set(value) - _FIELDS)
    missing = sorted(_NEEDED - set(value))
    if unknown or missing:
        what = f"unknown field {unknown[0]!r}" if unknown else f"field {missing[0]!r} is missing"
        raise InputError(f"{what}; allowed: {', '.join(f.name for f in fields(Clip))}")
    _check_types(value)
    try:
        return Clip(
            **{
                **value,
                "frames": tuple(value["frames"]),
                "boxes_xyxy_px": _rows(value.get("boxes_xyxy_px")),
                "valence": _row(value.get("valence")),
                "votes": _row(value.get("votes")),
                "attributes": {str(k): str(v) for k, v in (value.get("attributes") or {}).items()},
            }
        )
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(f"a field has the wrong type ({error}); see docs/protocols.md, Manifest") from None


def _row(values: Any) -> tuple[float, ...] | None:
    if values is None:
        return None
    if not {int, float}.issuperset(map(type, _list(values))):
        return tuple(map(_number, values))
    return tuple(map(float, values))  # a corpus has hundreds of thousands of them


def _rows(values: Any) -> Any:
    return None if values is None else tuple(_row(_list(row)) for row in _list(values))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{_shown(value)} is not a list")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{_shown(value)} is not a number")
    return float(value)


def manifest_line(clip: Clip) -> str:
    """The line of a clip in a manifest, without the fields that are empty."""
    value = {f.name: getattr(clip, f.name) for f in fields(Clip)}
    value["attributes"] = dict(value["attributes"])
    return json.dumps({k: v for k, v in value.items() if k == "label" or v not in (None, {})}, ensure_ascii=False)
