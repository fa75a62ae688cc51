"""Options that evaluate-trace and calibrate-valence share: how annotations are read, aligned and fused."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqfer.raters.settings import TraceSettings


def add_trace_arguments(parser: argparse.ArgumentParser) -> None:
    """--rate to --any-film."""
    parser.add_argument("--rate", type=float, default=1.0, metavar="HZ", help="bins per second (default: 1)")
    parser.add_argument(
        "--fusion", default="mean", help="of several raters: mean, or ewe, weighted by how they agree (default: mean)"
    )
    parser.add_argument("--axis", default="", metavar="NAME", help="the axis, column or tier that is valence")
    parser.add_argument(
        "--kind", default="auto", help="of the annotation files, such as carma, darma, csv (default: by their content)"
    )
    parser.add_argument(
        "--range",
        default="",
        metavar="LO,HI",
        help="what annotations run between, where their files do not say; below 0 as --range=-100,100 (default: -1,1)",
    )
    parser.add_argument(
        "--prediction-axis", default="", metavar="NAME", help="the same for a prediction with several columns"
    )
    parser.add_argument(
        "--face",
        type=_face,
        default=0,
        metavar="N",
        help="compare this face, or joined: all of them as one person (default: the one with the most seconds)",
    )
    parser.add_argument(
        "--lag",
        default="none",
        metavar="LAG",
        help="raters' delay to take back: none, estimate, or seconds (default: none; it is estimated and told all the same)",
    )
    parser.add_argument(
        "--lag-per", default="rater", help="estimate a delay for each rater, or one for all: pooled (default: rater)"
    )
    parser.add_argument("--max-lag", type=float, default=6.0, metavar="S", help="search delays up to this (default: 6)")
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn (default: 0)")
    parser.add_argument("--any-film", action="store_true", help="go on where the files name different films")


def trace_settings(args: argparse.Namespace, **more: object) -> TraceSettings:
    """The settings that the options make. Raises SettingsError."""
    from seqfer.raters.settings import TraceSettings

    values = {
        "rate_hz": args.rate,
        "fusion": args.fusion,
        "kind": args.kind,
        "axis": args.axis,
        "value_range": value_range(args.range),
        "prediction_axis": args.prediction_axis,
        "face": args.face,
        "lag": args.lag,
        "lag_per": args.lag_per,
        "max_lag_s": args.max_lag,
        "seed": args.seed,
        "any_film": args.any_film,
        **more,
    }
    return TraceSettings(**values)


def check_folder(out: Path, own: str, *others: str) -> None:
    """Raises InputError where `out` is a file, or holds one of `others` that no earlier run of this command (which leaves `own`) wrote."""
    from seqfer.core.errors import InputError

    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file, and --out is a folder; give another --out")
    if not (out / own).exists():
        for name in others:
            if (out / name).exists():
                raise InputError(f"{out} holds a {name} of something else; give another --out")


def value_range(text: str) -> tuple[float, float] | None:
    from seqfer.core.errors import SettingsError

    if not text:
        return None
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise SettingsError(f"--range is {text!r}; give two numbers with a comma, such as --range=-100,100") from None
    return low, high


def _face(text: str) -> int:
    """A face's number, or JOINED for all faces as one."""
    from seqfer.raters.settings import JOINED

    return JOINED if text == "joined" else int(text)
