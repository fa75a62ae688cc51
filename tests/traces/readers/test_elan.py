"""ELAN documents: tiers of numbers, and documents that are refused."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from trace_files import eaf, numbers

from seqfer.core.errors import InputError
from seqfer.traces.reading import read_traces, recognise

NAN = math.nan


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


def test_annotations_that_refer_to_each_other_in_a_circle_end_in_words(saved) -> None:
    text = (
        eaf()
        .replace('ANNOTATION_REF="a1"', 'ANNOTATION_REF="a5"')
        .replace('ANNOTATION_REF="a2"', 'ANNOTATION_REF="a4"')
    )
    with pytest.raises(InputError, match=r"annotation a4 .* has no time"):
        read_traces(saved(text), axis="second look")


def test_a_tier_is_scaled_from_its_range_and_sorted_by_time(saved) -> None:
    text = eaf().replace(">0.5<", ">9<").replace(">-0.25<", ">3,0<")
    slots = text.replace('TIME_VALUE="500"', 'TIME_VALUE="2500"').replace('TIME_VALUE="1000"', 'TIME_VALUE="3000"')
    (trace,) = read_traces(saved(slots), axis="valence", value_range=(1, 9))
    assert numbers(trace) == [(1.5, 2.0, -0.5), (2.5, 3.0, 1.0)]


def test_a_tier_without_annotations_is_named(saved) -> None:
    text = eaf().replace("</ANNOTATION_DOCUMENT>", '<TIER TIER_ID="joy"/></ANNOTATION_DOCUMENT>')
    with pytest.raises(InputError, match="tier 'joy' has no annotations; choose another tier"):
        read_traces(saved(text), axis="joy")


def chained(count: int, last: str) -> str:
    """A tier of one number, and `count` annotations of which each refers to the next one, the last one to `last`."""
    value = "<ANNOTATION_VALUE>0.25</ANNOTATION_VALUE>"
    words = "".join(
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="x{i}" ANNOTATION_REF="{f"x{i - 1}" if i > 1 else last}">{value}'
        "</REF_ANNOTATION></ANNOTATION>"
        for i in range(count, 0, -1)
    )
    return (
        '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="1000"/></TIME_ORDER>'
        '<TIER TIER_ID="one"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="x0" TIME_SLOT_REF1="a" TIME_SLOT_REF2="b">'
        "<ANNOTATION_VALUE>0.5</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>"
        f'<TIER TIER_ID="two">{words}</TIER></ANNOTATION_DOCUMENT>'
    )


def test_twenty_thousand_references_take_no_minutes(saved) -> None:
    begun = time.perf_counter()
    with pytest.raises(InputError, match="overlap"):  # all have the time of the first one
        read_traces(saved(chained(20_000, "x0")), axis="two")
    with pytest.raises(InputError, match="has no time"):
        read_traces(saved(chained(20_000, "x20000")), axis="two")
    (trace,) = read_traces(saved(chained(1, "x0")), axis="two")
    assert trace.values.tolist() == [0.25]
    assert time.perf_counter() - begun < 20
