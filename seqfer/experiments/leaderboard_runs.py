"""Reads finished runs as rows of a leaderboard, each with its test protocol: cross-validations, evaluations, trainings, ensembles, transfers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seqfer.core import registry
from seqfer.core.emotions import class_list
from seqfer.core.errors import InputError
from seqfer.runs.names import ENSEMBLE_JSON, EVALUATE_JSON, HISTORY_JSON, REPORT_JSON, SETTINGS_JSON

KINDS = "`seqfer cv`, `evaluate`, `train`, `ensemble` or `transfer`"


class _NotARunError(InputError):
    """A folder of something else, such as a stress test."""


@dataclass(frozen=True)
class Protocol:
    """The test data. Rows of equal protocols may be ranked together. `drawn` identifies the people that `seqfer train` held out."""

    kind: str
    corpus: str = field(compare=False)  # only a name; the checksum is compared
    how: str = field(compare=False)
    split: str
    classes: tuple[str, ...]
    data_checksum: str
    folds_checksum: str = ""
    drawn: str = ""


@dataclass(frozen=True)
class Network:
    """The description of a model to count and to time: an encoder or a baseline by name, its temporal head or none, frames of an average clip, and
    the edge of the faces where it is not the encoder's default."""

    encoder: str
    classes: int
    head: str = ""
    frames: int = 1
    mirror: bool = False
    input_size: int = 0


@dataclass(frozen=True)
class Row:
    """One model in one run. Rates are fractions; undefined and unmeasurable values are NaN. `networks` are its networks, none where unknown."""

    run: str
    model: str
    clips: int
    error: float
    standard_error: float
    standard_error_over: str
    macro_f1: float
    ece: float
    networks: tuple[Network, ...]
    parameters: float = math.nan
    multiplications: float = math.nan
    ms_per_face: float = math.nan
    rank: int | None = None


Groups = dict[Protocol, list[Row]]


def read_runs(folders: Sequence[Path], note: Callable[[str], None] = lambda message: None) -> Groups:
    """The rows of all runs by protocol, in the order given; `note` is called for folders of other kinds, which are skipped.

    Raises InputError for a run that is not finished, states no test set, or is given twice, and when no run is left.
    """
    groups: Groups = {}
    seen: set[Path] = set()
    for folder in folders:
        if folder.resolve() in seen:
            raise InputError(f"{folder} is given twice; give each run once")
        seen.add(folder.resolve())
        try:
            found = _read_run(folder)
        except _NotARunError as error:
            if len(folders) == 1:
                raise
            note(f"skipped: {error}")
            continue
        for protocol, rows in found:
            groups.setdefault(protocol, []).extend(rows)
    if not groups:
        raise InputError(f"none of {len(folders)} folders has a run that can be ranked; give run folders of {KINDS}")
    return groups


def _read_run(folder: Path) -> list[tuple[Protocol, list[Row]]]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give run folders of {KINDS}")
    readers = {
        REPORT_JSON: _cross_validation,
        EVALUATE_JSON: _evaluation,
        HISTORY_JSON: _training,
        ENSEMBLE_JSON: _ensemble,
    }
    found = [reader(folder, _read(folder / name)) for name, reader in readers.items() if (folder / name).is_file()]
    if not found and (folder / SETTINGS_JSON).is_file():
        command = "cv" if "folds" in _read(folder / SETTINGS_JSON) else "train"
        raise InputError(
            f"{folder}: the run is not finished; resume it with `seqfer {command} --out {folder} --resume`"
        )
    if not found:
        raise _NotARunError(f"{folder} has no run that can be ranked; give run folders of {KINDS}")
    return found


def _cross_validation(folder: Path, report: Mapping[str, Any]) -> tuple[Protocol, list[Row]]:
    file = folder / REPORT_JSON
    if report.get("kind") == "transfer":
        return _transfer(folder, report)
    held = _need(report, "protocol", file)
    if not held.get("folds_checksum") or not held.get("data_checksum"):
        raise InputError(
            f"{file}: a run without folds (no folds_checksum); only runs of `seqfer cv` can be ranked by it"
        )
    classes = tuple(_need(held, "classes", file))
    how = f"{_need(held, 'repeats', file)} x {_need(held, 'folds', file)} folds"
    corpus, clips = _need(held, "corpus", file), int(_need(held, "clips", file))
    protocol = Protocol(
        "cross-validation", corpus, how, "folds", classes, held["data_checksum"], held["folds_checksum"]
    )
    frames = max(1, round(int(_need(held, "frames", file)) / max(clips, 1)))
    encoder = _need(held, "encoder", file)
    rows = []
    for name, head in _need(report, "heads", file).items():
        baseline = name in registry.names("baselines")
        network = Network(name, len(classes)) if baseline else Network(encoder, len(classes), head=name, frames=frames)
        rows.append(
            Row(
                run=str(folder),
                model=str(head.get("title", name)) + ("" if baseline else f" on {encoder}"),
                clips=clips,
                error=_rate(head, "error_rate_mean", file),
                standard_error=_rate(head, "error_rate_sem", file),
                standard_error_over=str(head.get("error_rate_sem_over", "")),
                macro_f1=_rate(head, "macro_f1", file),
                ece=_rate(head, "ece", file),
                networks=(network,),
            )
        )
    return protocol, rows


def _evaluation(folder: Path, report: Mapping[str, Any]) -> tuple[Protocol, list[Row]]:
    file, encoder = folder / EVALUATE_JSON, report.get("encoder")
    title = (
        str(encoder or report.get("model"))
        + (" with mirror image" if report.get("mirror") else "")
        + (", classes taken as equally frequent" if report.get("prior") == "equal" else "")
    )
    protocol, scores = _test_set(report, file), _need(report, "as_given", file)
    networks = (_network(report, report, protocol),) if encoder else ()
    return protocol, [_test_row(folder, title, scores, networks, _rate(report, "parameters", file), file)]


def _ensemble(folder: Path, report: Mapping[str, Any]) -> tuple[Protocol, list[Row]]:
    file = folder / ENSEMBLE_JSON
    protocol, members, rows = _test_set(report, file), _need(report, "members", file), []
    for scores in _need(report, "rows", file):
        together = scores["kind"] == "combination"
        own = members if together else [member for member in members if member["name"] == scores["name"]]
        encoders = ", ".join(member["encoder"] for member in own)
        title = f"{scores['title']} of {encoders}" if together else encoders
        title += " with mirror image" if report.get("mirror") else ""
        networks = tuple(_network(member, report, protocol) for member in own)
        parameters = sum(member["parameters"] for member in own)
        rows.append(_test_row(folder, title, scores, networks, parameters, file))
    return protocol, rows


def _test_set(report: Mapping[str, Any], file: Path) -> Protocol:
    """The protocol of a report on one test set."""
    split = _need(report, "split", file)
    how = "all clips" if split == "all" else f"split {split}"
    classes, checksum = tuple(_need(report, "classes", file)), _need(report, "data_checksum", file)
    return Protocol("test set", _need(report, "corpus", file), how, split, classes, checksum)


def _network(model: Mapping[str, Any], report: Mapping[str, Any], protocol: Protocol) -> Network:
    return Network(
        model["encoder"],
        len(protocol.classes),
        mirror=bool(report.get("mirror")),
        input_size=model.get("input_size", 0),
    )


def _test_row(
    folder: Path, title: str, scores: Mapping[str, Any], networks: tuple[Network, ...], parameters: float, file: Path
) -> Row:
    row = Row(
        run=str(folder),
        model=title,
        clips=int(_need(scores, "count", file)),
        error=1 - _rate(scores, "accuracy", file),
        standard_error=math.nan,
        standard_error_over="clips",
        macro_f1=_rate(scores, "macro_f1", file),
        ece=_rate(scores, "ece", file),
        networks=networks,
        parameters=parameters,
    )
    return _binomial(row)


def _transfer(folder: Path, report: Mapping[str, Any]) -> tuple[Protocol, list[Row]]:
    """The rows of the person-disjoint protocol, or of the only one; the unchanged model only where it has all classes."""
    file = folder / REPORT_JSON
    protocols, folds = _need(report, "protocols", file), int(_need(report, "folds", file))
    name = "person" if "person" in protocols else next(iter(protocols))
    classes, encoder = tuple(_need(report, "classes", file)), _need(report, "encoder", file)
    protocol = Protocol(
        "transfer",
        _need(report, "corpus", file),
        f"{folds} folds" if folds else str(_need(report, "protocol_titles", file)[name]),
        f"{name}, {folds} folds",
        classes,
        _need(report, "data_checksum", file),
        _need(report, "folds_checksums", file)[name],
    )
    rows = [
        Row(
            run=str(folder),
            model=f"{encoder}, {scores['title']}",
            clips=int(_need(scores, "count", file)),
            error=_rate(scores, "error_rate_mean", file),
            standard_error=_rate(scores, "error_rate_sem", file, needed=False),
            standard_error_over="folds",
            macro_f1=_rate(scores, "macro_f1", file),
            ece=_rate(scores, "ece", file),
            networks=(Network(encoder, len(classes), input_size=report.get("input_size", 0)),),
        )
        for scores in protocols[name]
        if not scores.get("left_out")
    ]
    return protocol, [row if folds else replace(_binomial(row), standard_error_over="clips") for row in rows]


def _training(folder: Path, history: Mapping[str, Any]) -> tuple[Protocol, list[Row]]:
    file = folder / HISTORY_JSON
    if "held_back_error" not in history:
        raise InputError(f"{file}: no held_back_error; of trainings only those of `seqfer train` can be ranked")
    settings_file = folder / SETTINGS_JSON
    settings = _read(settings_file)
    split, share, seed = (_need(settings, key, settings_file) for key in ("split", "held_back", "seed"))
    classes = class_list(_need(settings, "classes", settings_file))
    encoder = _need(settings, "encoder", settings_file)
    count = int(_need(history, "held_back", file))
    protocol = Protocol(
        "held back",
        str(history.get("corpus") or Path(str(settings.get("data"))).stem),
        f"{100 * share:g} % of the people of {split or 'all splits'} held back from training (seed {seed})",
        split,
        classes,
        _need(settings, "data_checksum", settings_file),
        drawn=f"{share} {seed} {count}",
    )
    row = Row(
        run=str(folder),
        model=encoder,
        clips=count,
        error=_rate(history, "held_back_error", file),
        standard_error=math.nan,
        standard_error_over="clips",
        macro_f1=_rate(history, "held_back_macro_f1", file, needed=False),
        ece=_rate(history, "held_back_ece", file, needed=False),
        networks=(Network(encoder, len(classes), input_size=settings.get("input_size", 0)),),
    )
    return protocol, [_binomial(row)]


def _binomial(row: Row) -> Row:
    """The row with the standard error of a proportion of independent clips."""
    return replace(row, standard_error=math.sqrt(row.error * (1 - row.error) / row.clips) if row.clips else math.nan)


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); run it again") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}: a {type(value).__name__}, not one JSON object; run it again")
    return value


def _need(values: Any, key: str, file: Path) -> Any:
    if not isinstance(values, Mapping) or values.get(key) is None:
        raise InputError(f"{file}: has no {key}, so that it cannot be compared; run it again with this seqfer")
    return values[key]


def _rate(values: Mapping[str, Any], key: str, file: Path, needed: bool = True) -> float:
    """A number; null is NaN. Raises InputError where the key is missing or has another type."""
    if needed and key not in values:
        raise InputError(f"{file}: has no {key}; only runs on classes can be ranked")
    value = values.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InputError(f"{file}: {key} is {value!r}, not a number; run it again")
    return math.nan if value is None else float(value)
