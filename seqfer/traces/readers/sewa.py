"""Reads SEWA and AVEC 2019 gold standards: `name;timestamp;arousal;valence;liking`, samples at 10 Hz in [-1, 1].

Source: Kossaifi et al., SEWA DB: A Rich Database for Audio-Visual Emotion and Sentiment Research in the Wild, IEEE TPAMI 43(3), 2021, and
the labels of the AVEC 2019 challenge.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from seqfer.core.errors import InputError
from seqfer.traces.axes import choose_axis
from seqfer.traces.cells import Row, check_times, columns_of, first_cells, read_text, rows_of, with_decimal_comma
from seqfer.traces.request import Request
from seqfer.traces.scaling import UNIT, scaled
from seqfer.traces.times import scale_of
from seqfer.traces.trace import Trace, rate_of

ABOUT = "SEWA or AVEC gold standard"
PRIORITY = 60

TIME, AXES = "timestamp", {"arousal", "valence", "liking"}


def recognise(head: str) -> bool:
    """Whether the first row names a timestamp and one of the three axes, separated by semicolons."""
    names = set(first_cells(head, ";"))
    return TIME in names and bool(names & AXES)


def read(path: Path, request: Request) -> tuple[Trace, ...]:
    """The trace of one axis, by default valence; of a file with several names, a trace of each.

    Raises InputError for an axis it does not have, no rows, and invalid times and values.
    """
    rows = rows_of(path, read_text(path), ";")
    header = next(rows, None)
    names = [name.lower() for name in header.names] if header else []
    if TIME not in names:
        raise InputError(
            f"{path}: no header `name;timestamp;arousal;valence;liking`; export the annotation again, with it"
        )
    labels = [name for name in names if name not in (TIME, "name")]
    label = labels[choose_axis(path, request.axis, labels)]
    films: list[str] = []
    who = names.index("name") if "name" in names else len(names)

    def noted() -> Iterator[Row]:
        """The rows; appends the names in their text column to a list."""
        for row in rows:
            films.append(row.at(who).strip("'"))
            yield row

    places = names.index(TIME), names.index(label)
    table = columns_of(path, noted(), places, with_decimal_comma, places[:1])
    values = scaled(path, table.lines, table.values[1], request.value_range or UNIT, stated=False, what=label)
    of, traces = np.array(films), []
    for film in dict.fromkeys(films):
        own = of == film
        scale = scale_of(path, TIME, table.values[0][own], request, clocks=table.by_clock)
        times = scale.seconds(table.values[0][own])
        check_times(path, table.lines[own], times, doubled=False)
        name = label if len(set(films)) == 1 else f"{label} {film}"
        bounds = request.value_range or UNIT
        traces.append(Trace(name, times, times, values[own], film, rate_of(times), bounds, str(path), scale.notes))
    return tuple(traces)
