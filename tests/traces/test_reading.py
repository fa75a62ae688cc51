"""Annotation files of every kind, and what is wrong with them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from trace_files import FACEREADER, SEWA, carma_2014, carma_2016, darma

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import FaceRow
from seqfer.film.output.formats.elan import write_elan
from seqfer.film.output.second_table import SecondTable
from seqfer.film.output.tables import Columns, RowTables
from seqfer.traces.reading import kinds, read_traces
from seqfer.traces.resampling import resample

NAN = math.nan


def test_what_annotate_video_writes_is_read(tmp_path: Path) -> None:
    rows = [
        FaceRow(frame, frame * 0.25, 1, 1, (0, 0, 9, 9), 0.9, (0.75, 0.25), frame / 10 if frame != 2 else NAN)
        for frame in range(6)
    ]
    classes = ("happiness", "sadness")
    with RowTables(tmp_path, Columns(classes)) as tables:
        for row in rows:
            tables.write(row)
    seconds = SecondTable(tmp_path, classes)
    for row in rows:
        seconds.write(row)
    seconds.close()
    write_elan(tmp_path / "a.eaf", iter(rows), classes, Path("film.mp4"))
    (frames,) = read_traces(tmp_path)
    np.testing.assert_allclose(frames.values, [0, 0.1, NAN, 0.3, 0.4, 0.5])
    assert (frames.name, frames.rate_hz) == ("face 1", 4.0)
    means = [0.4 / 3, 0.45]
    np.testing.assert_allclose(resample(frames).values, means)
    np.testing.assert_allclose(read_traces(tmp_path / "valence_1hz.csv")[0].values, means, atol=1e-6)
    (tier,) = read_traces(tmp_path / "a.eaf")  # the tier of emotions holds no numbers
    np.testing.assert_allclose(tier.values, means, atol=1e-3)
    assert (tier.name, tier.film) == ("face 1 valence", "film.mp4")


BAD = {
    "no header": (carma_2016([1, 2]).replace("Second,Rating\n", ""), "no header `Second,Rating`; export"),
    "darma without a header": (
        darma([(1, 1)]).replace("Second,Communion,Agency,Button\n", ""),
        "no header `Second,X,Y,Button`; export",
    ),
    "rows only": ("0.5,1,2,0\n1,1,2,0\n", "its header is missing; known are elan: ELAN document"),
    "flat without a header": (carma_2014([1]).split("\n", 1)[1], "no annotation of a known kind"),
    "no range": (carma_2016([1]).replace("Minimum Value,-100\n", ""), "no rows `Minimum Value` and `Maximum Value`"),
    "no magnitude": (darma([(1, 1)], labels=("Valence", "y")).replace("Magnitude,1000,,\n", ""), "no row `Magnitude`"),
    "range of zero": (carma_2014([1], low="5", high="5"), "values from 5 to 5 are not a range"),
    "range upside down": (carma_2014([1], low="9", high="1"), "values from 9 to 1 are not a range"),
    "magnitude of zero": (
        darma([(1, 1)], labels=("Valence", "y"), magnitude="0"),
        "Magnitude: values from .* not a range",
    ),
    "range of words": (carma_2014([1], low="low"), "'low' is not a number"),
    "backwards": (carma_2016([1, 2, 3]).replace("3,3", "1.5,3"), r":12: 1.5 s comes after 2 s; times must ascend"),
    "doubled": (carma_2016([1, 2, 3]).replace("3,3", "2,3"), r":12: 2 s is there twice"),
    "doubled darma": (
        darma([(1, 1), (2, 2)], labels=("Valence", "y")).replace("1,2,", "0.5,2,"),
        ":7: 0.5 s is there twice",
    ),
    "from zero": (carma_2016([1, 2]).replace("1,1", "0,1"), ":10: the first bin ends at 0 s"),
    "no rows": (carma_2016([]), "no rows; the export has a header only"),
    "no rows, flat": (carma_2014([]), "no rows"),
    "no rows, csv": ("time_s,value\n", "no rows"),
    "not a number": (carma_2016([1, "high"]), r":11: 'high' is not a number; give one, or leave the cell empty"),
    "damaged": (carma_2016([1, "1e300"]), r":11: '1e300' is not a number"),
    "infinite": (carma_2016([1, "inf"]), r":11: 'inf' is not a number"),
    "outside": (carma_2016([1, 150]), r":11: 150 is outside -100 to 100; check the export"),
    "no time": ("time_s,value\n0,0.5\n,0.5\n", ":3: no time; every row needs one"),
    "outside, csv": (
        "time_s,value\n0,0.5\n1,50\n",
        r":3: 50 of 'value' is outside -1 to 1; give the range of the values",
    ),
    "backwards, csv": ("time_s,value\n1,0.5\n0.5,0.5\n", ":3: 0.5 s comes after 1 s"),
    "bin without length": ("time_s,end_s,value\n1,1,0\n", ":2: a bin must end after it starts"),
    "overlapping bins": ("time_s,end_s,value\n1,3,0\n2,4,0\n", "times run backwards or overlap at 2 s"),
    "times only": ("time_s,end_s\n1,2\n", "no column of values"),
    "empty": ("\n", "empty; export"),
    "breaks in a header": ('time_s,"rater\nb",rater c\n0,9,0\n', r":3: 9 of 'rater b' is outside"),
    "words": ("Dear rater,\nthank you\n", "no annotation of a known kind"),
    "pictures": (b"\x89PNG\r\n\x1a\n\0\0\0second,rating", "no annotation of a known kind"),
    "facereader": (FACEREADER.replace("0.25", "happy"), ":6: 'happy' is not a number"),
    "sewa": (SEWA.replace(";0.2;", ";0.1;"), ":4: 0.1 s is there twice"),
    "damaged quotes": ("time_s,value\n0," + '"' + "x" * 200_000, "not a row of a table"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line(saved, name: str) -> None:
    content, words = BAD[name]
    with pytest.raises(InputError, match=words) as caught:
        read_traces(saved(content))
    assert "\n" not in str(caught.value)
    assert "export.dat" in str(caught.value)


def test_kinds_and_ranges_that_cannot_be(saved, tmp_path: Path) -> None:
    path = saved("time_s,value\n0,0.5\n")
    with pytest.raises(SettingsError, match="unknown kind of trace 'carmen'; allowed: auto, elan, run"):
        read_traces(path, kind="carmen")
    with pytest.raises(InputError, match="values from 1 to 1 are not a range"):
        read_traces(path, value_range=(1, 1))
    with pytest.raises(InputError, match="cannot be read"):
        read_traces(tmp_path / "none.csv")
    for kind in kinds():  # a kind that is forced on another file is refused in words too
        if kind not in ("csv",):
            with pytest.raises(InputError):
                read_traces(path, kind=kind)


@pytest.mark.data
def test_two_raters_of_carma_and_its_log(shared_data: Path) -> None:
    folder = shared_data / "traces" / "carma"
    raters = [read_traces(folder / f"2F10_08_{who}.csv")[0] for who in ("AP", "JG")]
    assert {trace.film for trace in raters} == {"2F10_08.avi"}
    one, other = (resample(trace) for trace in raters)
    assert one.values.tolist() == raters[0].values.tolist()  # bins of a second are the seconds themselves
    assert one.values.shape == other.values.shape == (42,)
    assert (one.coverage == 1).all()
    assert one.values[0] == pytest.approx(0.078010475, abs=1e-12)
    assert np.corrcoef(one.values, other.values)[0, 1] > 0.5
    (log,) = read_traces(folder / "raw_samples.csv")
    assert (len(log.values), log.doubled) == (26, 2)
    np.testing.assert_array_equal(resample(log).values, [-0.5597] * 4)
