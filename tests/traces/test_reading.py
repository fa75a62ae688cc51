"""Annotation files of every kind, and what is wrong with them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from trace_files import FACEREADER, SEWA, carma_2014, carma_2016, carma_2021, darma, eaf

from seqfer.core.errors import InputError, SettingsError
from seqfer.core.records import FaceRow
from seqfer.film.output.formats.elan import write_elan
from seqfer.film.output.second_table import SecondTable
from seqfer.film.output.tables import RowTables
from seqfer.traces.reading import KINDS, read_traces, recognise
from seqfer.traces.resampling import resample
from seqfer.traces.trace import Trace

NAN = math.nan
FRAMES = (
    "frame,time_s,shot,face,x1,y1,x2,y2,score,happiness,emotion,valence\n"
    "0,0.500000,1,1,1,1,2,2,0.9,1.0,happiness,0.250000\n"
    "0,0.500000,1,2,1,1,2,2,0.9,1.0,happiness,-0.500000\n"
    "1,0.540000,1,,,,,,,,,\n"
    "2,0.580000,1,1,1,1,2,2,0.9,1.0,happiness,\n"
)
SECONDS = (
    "second,face,valence,valence_sd,frames,coverage,mean_happiness\n"
    "0,1,0.25,,1,1.0,1.0\n"
    "1,1,,,0,0.0,\n"
    "2,1,-0.5,,1,1.0,1.0\n"
)


@pytest.fixture
def saved(tmp_path: Path):
    """Write a file, under a name that says nothing."""

    def save(content: str | bytes, name: str = "export.dat") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return save


def numbers(trace: Trace) -> list[tuple[float, float, float]]:
    return [tuple(round(float(v), 9) for v in row) for row in zip(trace.start_s, trace.end_s, trace.values)]


BINS = [(0.0, 1.0, 0.1), (1.0, 2.0, -0.505), (2.0, 3.0, 1.0)]


@pytest.mark.parametrize("write", [carma_2014, carma_2016, carma_2021])
def test_three_generations_of_carma(saved, write) -> None:
    path = saved(write([10, -50.5, 100]))
    (trace,) = read_traces(path)
    assert recognise(path) == "carma"
    assert numbers(trace) == BINS  # `Second` is the end of the bin
    assert trace.film == ("film.avi" if write is carma_2014 else "my, film.avi")
    assert (trace.name, trace.rate_hz, trace.range, trace.source) == ("export", 1.0, (-100.0, 100.0), str(path))
    assert not trace.samples


def test_film_names_with_commas_in_the_flat_table(saved) -> None:
    for film in (r"C:\one, two\film.avi", r'"C:\one, two\film.avi"', r"\\server\share\one, two\film.avi"):
        (trace,) = read_traces(saved(carma_2014([10, -50.5, 100], film=film)))
        assert numbers(trace) == BINS
        assert trace.film == "film.avi"


def test_marks_line_ends_and_decimal_commas(saved) -> None:
    text = carma_2021([10, -50.5, 100])
    semicolons = carma_2016(["10,0", "-50,5", "100"]).replace("Rating,21", "Rating;21").replace("File,my", "File;my")
    lines = [
        line if line.startswith(("Time", "Multi")) else line.replace(",", ";", 1) for line in semicolons.split("\n")
    ]
    for content in (
        text.replace("\n", "\r\n").encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace("film", "fülm").encode("cp1252"),
        "\n".join(lines).encode(),
        text.replace("1,10\n", "1,10,,\n").encode(),  # as Excel saves it again
    ):
        (trace,) = read_traces(saved(content))
        assert numbers(trace) == BINS
        assert trace.film in ("my, film.avi", "my, fülm.avi")


def test_empty_bins_and_rows_left_out_are_gaps(saved) -> None:
    text = carma_2016([10, "NaN", "", 40, 50], step=0.25).replace("1,40\n", "")
    (trace,) = read_traces(saved(text))
    assert trace.rate_hz == pytest.approx(4.0)
    np.testing.assert_allclose(trace.start_s, [0.0, 0.25, 0.5, 1.0])
    np.testing.assert_allclose(trace.values, [0.1, NAN, NAN, 0.5])
    assert trace.missing == 2


def test_darma_asks_for_the_axis(saved) -> None:
    path = saved(darma([(-250, 500), (1000.00001, -1000), ("", "")]))
    assert recognise(path) == "darma"
    (trace,) = read_traces(path, axis="communion")
    np.testing.assert_allclose(trace.values, [-0.25, 1.0, NAN])  # clipped: four digits are written
    np.testing.assert_allclose(trace.end_s, [0.5, 1.0, 1.5])
    assert (trace.name, trace.film, trace.rate_hz, trace.range) == ("Communion", "film.mp4", 2.0, (-1000.0, 1000.0))
    for axis in ("Agency", "y"):
        np.testing.assert_allclose(read_traces(path, axis=axis)[0].values, [0.5, -1.0, NAN])
    with pytest.raises(InputError, match=r"no axis is called valence; choose one of Communion, Agency"):
        read_traces(path)
    with pytest.raises(InputError, match=r"no axis 'warmth'; it has Communion, Agency"):
        read_traces(path, axis="warmth")


def test_darma_with_an_axis_called_valence(saved) -> None:
    (trace,) = read_traces(saved(darma([(100, 500)], step=2, labels=("Arousal", "Valence"), magnitude="500")))
    assert numbers(trace) == [(0.0, 2.0, 1.0)]


def test_bins_of_twenty_per_second_touch(saved) -> None:
    (trace,) = read_traces(saved(darma([(n, n) for n in range(1000)], step=0.05)), axis="x")
    assert np.array_equal(trace.start_s[1:], trace.end_s[:-1])
    assert trace.rate_hz == pytest.approx(20)


def test_sewa(saved) -> None:
    path = saved(SEWA)
    assert recognise(path) == "sewa"
    (trace,) = read_traces(path)
    assert trace.samples
    np.testing.assert_allclose(trace.values, [-0.25, NAN, -0.75])
    assert (trace.name, trace.film) == ("valence", "Train_DE_01")
    assert trace.rate_hz == pytest.approx(10)
    np.testing.assert_allclose(read_traces(path, axis="Arousal")[0].values, [0.1, 0.2, 0.3])
    with pytest.raises(InputError, match="no axis 'joy'; it has arousal, valence, liking"):
        read_traces(path, axis="joy")
    both = read_traces(saved(SEWA + "'Train_DE_02';0.0;0;0.5;0\n"))
    assert [(trace.name, trace.film) for trace in both] == [
        ("valence Train_DE_01", "Train_DE_01"),
        ("valence Train_DE_02", "Train_DE_02"),
    ]


def test_facereader(saved) -> None:
    path = saved(FACEREADER)
    assert recognise(path) == "facereader"
    (trace,) = read_traces(path)
    np.testing.assert_allclose(trace.start_s, [0, 0.04, 0.08, 60.12])
    np.testing.assert_allclose(trace.values, [0.25, NAN, NAN, -0.5])
    assert (trace.name, trace.film) == ("Valence", "film.avi")
    assert read_traces(path, axis="arousal")[0].values[0] == 0.3
    with pytest.raises(InputError, match="no axis 'joy'; it has Neutral, Happy, Valence, Arousal"):
        read_traces(path, axis="joy")


def test_elan_tiers_of_numbers(saved) -> None:
    path = saved(eaf())
    assert recognise(path) == "elan"
    one, two = read_traces(path)
    assert numbers(one) == [(0.5, 1.0, 0.5), (1.5, 2.0, -0.25)]
    np.testing.assert_allclose(two.values, [0.75, NAN])
    assert (one.name, two.name, one.film) == ("valence", "second look", "my film.mp4")
    (chosen,) = read_traces(path, axis="Second Look")
    assert chosen.name == "second look"
    with pytest.raises(InputError, match="annotation a3 of tier 'emotion' is 'happiness', not a number"):
        read_traces(path, axis="emotion")
    with pytest.raises(InputError, match="no axis 'joy'; it has valence, emotion, second look"):
        read_traces(path, axis="joy")
    (late, _) = read_traces(saved(eaf('MEDIA_URL="a.mp4" TIME_ORIGIN="250"')))
    assert late.start_s[0] == 0.75


def test_elan_documents_that_are_refused(saved) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
    for content in (eaf(before=bomb), eaf(before=bomb.lower()).encode("utf-16")):
        with pytest.raises(InputError, match="defines entities"):
            read_traces(saved(content))
    for broken, match in (
        (eaf()[:-30], "not a complete ELAN document"),
        (eaf().replace('TIME_VALUE="500"', ""), r"annotation a1 \('0.5'\) of tier 'valence' has no time"),
        (eaf().replace('"500"', '"0.5"'), "time '0.5' is not a whole number"),
        (eaf().replace("milliseconds", "PAL-frames"), "times in PAL-frames"),
        (eaf().replace('ANNOTATION_REF="a1"', 'ANNOTATION_REF="a4"'), "annotation a4 .* has no time"),
        (eaf().replace("0.75", "x").replace("0.5<", "y<"), "no tier of numbers; it has valence, emotion, second look"),
    ):
        with pytest.raises(InputError, match=match):
            read_traces(saved(broken))


def test_plain_tables(saved) -> None:
    (trace,) = read_traces(saved("time_s,value\n0,0.5\n0,-0.5\n0.5,\n"))
    assert numbers(trace)[:2] == [(0, 0, 0.5), (0, 0, -0.5)]  # two samples of one moment
    assert trace.name == "value"
    assert (trace.doubled, trace.missing) == (1, 1)
    (trace,) = read_traces(saved("Time_ms;Arousal;Valence\n0;9;0,5\n40;9;-0,5\n"))
    assert numbers(trace) == [(0, 0, 0.5), (0.04, 0.04, -0.5)]
    one, two = read_traces(saved("start_s\tend_s\tanna\tben\n0\t2\t1\t7\n2\t3\t4\t9\n"), value_range=(1, 9))
    assert numbers(one) == [(0, 2, -1), (2, 3, -0.25)]
    assert numbers(two) == [(0, 2, 0.5), (2, 3, 1)]
    assert two.range == (1.0, 9.0)
    (trace,) = read_traces(saved("time,a,b\n0,0.1,0.2\n"), axis="B")
    assert trace.values[0] == 0.2


def test_raw_samples(saved) -> None:
    path = saved("0,-0.5\n0,-0.25\n0.151,0.5\n0.405,0.5\n")
    assert recognise(path) == "samples"
    (trace,) = read_traces(path)
    assert trace.samples
    assert trace.doubled == 1
    assert math.isnan(trace.rate_hz)
    headless = saved("1,0.1\n2,0.2\n3,0.3\n")
    with pytest.raises(InputError, match=r"an export without its header: 1, 2, \.\.\. may be ends of bins"):
        read_traces(headless)


def test_folders_of_annotate_video(tmp_path: Path) -> None:
    (tmp_path / "frames.csv").write_text(FRAMES)
    (tmp_path / "valence_1hz.csv").write_text(SECONDS)
    (tmp_path / "summary.json").write_text(json.dumps({"film": {"name": "a.mp4", "zero_s": 0.5}}))
    one, two = read_traces(tmp_path)
    assert numbers(two) == [(0, 0, -0.5)]
    np.testing.assert_allclose(one.start_s, [0, 0.08])  # as a player shows it: the container begins at 0.5 s
    np.testing.assert_allclose(one.values, [0.25, NAN])
    assert (one.name, two.name, one.film) == ("face 1", "face 2", "a.mp4")
    (seconds,) = read_traces(tmp_path / "valence_1hz.csv")
    np.testing.assert_allclose(seconds.start_s, [-0.5, 0.5, 1.5])
    np.testing.assert_allclose(seconds.end_s, [0.5, 1.5, 2.5])
    np.testing.assert_allclose(seconds.values, [0.25, NAN, -0.5])
    (tmp_path / "frames.csv").unlink()
    assert len(read_traces(tmp_path)) == 1
    (tmp_path / "frames.csv").write_text(FRAMES.replace(",valence", ",other"))
    assert len(read_traces(tmp_path)) == 1
    (tmp_path / "valence_1hz.csv").unlink()
    with pytest.raises(InputError, match="no column valence; annotate the video again"):
        read_traces(tmp_path)


def test_what_annotate_video_writes_is_read(tmp_path: Path) -> None:
    rows = [
        FaceRow(frame, frame * 0.25, 1, 1, (0, 0, 9, 9), 0.9, (0.75, 0.25), frame / 10 if frame != 2 else NAN)
        for frame in range(6)
    ]
    classes = ("happiness", "sadness")
    with RowTables(tmp_path, classes) as tables:
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


def test_folders_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no frames.csv or valence_1hz.csv"):
        read_traces(tmp_path)
    with pytest.raises(InputError, match="is a folder, and carma is a file"):
        read_traces(tmp_path, kind="carma")
    table = tmp_path / "frames.csv"
    table.write_text(FRAMES.splitlines(keepends=True)[0])
    with pytest.raises(InputError, match="no row with a face"):
        read_traces(table)
    table.write_text(FRAMES.replace("-0.500000", "-1.5"))
    with pytest.raises(InputError, match=r"frames.csv:3: face 2 at 0.5 s with valence -1.5 is invalid"):
        read_traces(table)
    table.write_text(FRAMES.replace("0.580000", "0.400000"))  # a film whose times go back
    assert list(read_traces(table)[0].start_s) == [0.4, 0.5]


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
    "breaks in a header": ('time_s,"a\nb",c\n0,9,0\n', r":3: 9 of 'a b' is outside"),
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
    for kind in KINDS:  # a kind that is forced on another file is refused in words too
        if kind not in ("csv",):
            with pytest.raises(InputError):
                read_traces(path, kind=kind)


def test_the_range_of_the_file_counts_before_the_given_one(saved) -> None:
    (trace,) = read_traces(saved(carma_2016([10])), value_range=(-1000, 1000))
    assert trace.values[0] == pytest.approx(0.1)
    (trace,) = read_traces(saved(carma_2016([10]).replace("Minimum Value,-100\n", "")), value_range=(-1000, 1000))
    assert trace.values[0] == pytest.approx(0.01)


def test_traces_are_checked_and_shifted() -> None:
    trace = Trace("a", np.array([0.0, 1]), np.array([1.0, 2]), np.array([0.5, NAN]))
    assert list(trace.shifted(-2.5).start_s) == [-2.5, -1.5]
    assert list(trace.shifted(-2.5).end_s) == [-1.5, -0.5]
    for start, end, values, words in (
        ([0, 1], [1], [0, 0], "one shape"),
        ([0, NAN], [1, NAN], [0, 0], "a time is not a number"),
        ([0, 1], [0, 2], [0, 0], "not both"),
        ([0, 1], [2, 3], [0, 0], "overlap at 1 s"),
        ([1, 0], [1, 0], [0, 0], "run backwards or overlap at 0 s"),
        ([0, 1], [0, 1], [0, 1.5], "must lie in"),
    ):
        with pytest.raises(InputError, match=words):
            Trace("a", np.array(start), np.array(end), np.array(values))


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
