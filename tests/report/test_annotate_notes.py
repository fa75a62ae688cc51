"""Facts, counts, warnings, confidence, citation and files of an annotated video's page."""

from __future__ import annotations

import pytest
from annotated_film import CLASSES, film_of, row

from seqfer.report.annotate_notes import certainty, citation, facts, files, limits, reconciliation, warnings

FILM = film_of([row(k, 1) for k in range(30)] + [row(k, None) for k in range(30, 40)])
NOBODY = film_of([row(k, None) for k in range(10)])


def test_facts_of_a_video_with_and_without_a_face() -> None:
    summary = {"film": {"width": 640, "height": 360}, "detector": {"name": "haar"}}
    told = [tuple(part.replace("\u00a0", " ") for part in fact) for fact in facts(FILM, summary)]
    assert told == [
        ("Length analysed", "4.0 s", "640 × 360 pixels"),
        ("Faces", "1", "at most 1 at the same time"),
        ("Frames with a face", "75.0 %", "of 40 frames analysed"),
        ("Time visible", "3.0 s", "Face 1 longest"),
        ("Detector", "haar", "the face detector"),
    ]
    told = [tuple(part.replace("\u00a0", " ") for part in fact) for fact in facts(NOBODY, {})]
    assert told[0][2] == "size not stated"
    assert told[2] == ("Frames with a face", "0 %", "of 10 frames analysed")
    assert told[3][1] == "\u2013"


def test_counts_from_the_container_to_the_rows() -> None:
    counts = {"container_frames": 44, "decoded": 42, "analysed": 40, "rows": 40}
    assert [(what, many) for what, many, _ in reconciliation(FILM, {"frames": counts})] == [
        ("frames in the container", "44"),
        ("frames decoded", "42"),
        ("frames analysed", "40"),
        ("frames with a face", "30"),
        ("rows", "40"),
    ]
    first = reconciliation(FILM, counts | {"container_frames": None})[0]  # among the summary's own keys
    assert first[1:] == ("not stated", "the file does not state it")


def test_warnings_of_partial_results_times_and_contradictions() -> None:
    assert warnings(FILM, {}) == []
    summary = {"partial": True, "problem": "packet 3 is damaged", "film": {"zero_s": 1.5}, "rows": 7, "analysed": 40}
    first, second, third = warnings(FILM, summary)
    assert first == "Partial result: packet 3 is damaged. It covers the video up to 0:03."
    assert "1.5 seconds later" in second
    assert third == "summary.json has 7 rows, this page was made from 40."
    assert warnings(FILM, {"frames": {"partial": True, "notes": ["Two packets were lost."]}}) == [
        "Two packets were lost."
    ]


def test_confidence_is_given_beside_chance() -> None:
    told = [tuple(part.replace("\u00a0", " ") for part in one) for one in certainty(FILM, CLASSES)]
    assert [one[1] for one in told] == ["75.0 %", "75.0 %", "70 %"]
    assert "14 % is chance for 7 classes" in told[2][2]
    assert [one[1].replace("\u00a0", " ") for one in certainty(NOBODY, CLASSES)] == ["0.0 %"]


def test_valence_is_explained_only_where_there_is_one() -> None:
    said = limits({"valence": {"method": "norms.", "source": "somebody 1999."}}, True)
    assert said[0].endswith("Method: norms. Source: somebody 1999.")
    assert said[1:] == limits({}, False)
    assert said[-1] == "Do not use this for decisions about people."


def test_the_citation_names_what_was_used_and_nothing_else() -> None:
    assert citation({"seqfer": "0.1.0"}) == (
        "Faces and emotions were annotated with seqfer 0.1.0. State the checksums: they identify the weights."
    )
    said = citation(
        {
            "seqfer": "0.1.0",
            "model": {"name": "small", "head": "none", "checksum": "none"},
            "detector": {"name": "haar"},
        }
    )
    assert "; model small; face detector haar." in said


def test_how_often_valence_and_emotions_differ_is_told_where_it_is_known() -> None:
    said = limits({"valence": {"method": "model", "differs_from_emotions": 0.0412}}, True)
    assert said[1].startswith("In 4.1\u00a0% of the rows with a face, valence and the valence expected of the emotions")
    assert not any("differ by more than" in line for line in limits({"valence": {"method": "norms"}}, True))


@pytest.mark.parametrize(("has_valence", "count"), [(True, 5), (False, 4)])
def test_files_that_may_be_there(has_valence: bool, count: int) -> None:
    found = dict(files(CLASSES, {}, has_valence))
    assert len(found) == count
    assert ("valence_1hz.csv" in found) == has_valence
    assert (", valence" in found["frames.csv"]) == has_valence


def test_files_that_are_there_are_explained_by_name_or_ending() -> None:
    found = files(CLASSES, {"files": ["tracks.csv", "film.eaf", "film.vtt", "film.mp4", "odd.xyz"]}, True)
    assert [bool(text) for _, text in found] == [True, True, True, True, False]
    assert dict(found)["film.eaf"].endswith("ELAN")
