"""Messages over many videos: one line with a count where they repeat."""

from __future__ import annotations

from seqfer.core.repeated import counted


def test_a_message_of_one_video_is_as_it_is() -> None:
    assert counted([("a", "has no face"), ("a", "ends early")], 40) == ["a: has no face", "a: ends early"]
    assert counted([("a", "gone")], 2, " could not be compared") == ["a could not be compared: gone"]
    assert counted([], 3) == []


def test_the_same_message_of_several_videos_is_one_line_with_a_count() -> None:
    lines = [(f"v{k}", "has no face") for k in range(12)]
    assert counted(lines, 40) == ["12 of 40 videos (v0, v1, v2 and 9 more): has no face"]
    assert counted([("a", "gone"), ("b", "gone"), ("c", "other")], 3) == ["2 of 3 videos (a, b): gone", "c: other"]


def test_messages_that_differ_in_numbers_names_and_paths_are_one() -> None:
    lines = [
        ("a", "ann: no delay of 2.5 s"),
        ("b", "x/ben: no delay of 11 s"),
        ("a", "The prediction has 2 faces; 'face 1' is compared, not face 2."),
        ("c", "The prediction has 3 faces; 'face 2' is compared, not face 1, face 3."),
    ]
    assert counted(lines, 9) == [
        "2 of 9 videos (a, b), for example a: ann: no delay of 2.5 s",
        "2 of 9 videos (a, c), for example a: The prediction has 2 faces; 'face 1' is compared, not face 2.",
    ]
    failed = [(name, f"/study/{name}.csv:{k}: not a number") for k, name in enumerate("xyz")]
    assert counted(failed, 4, " could not be compared") == [
        "3 of 4 videos (x, y, z) could not be compared, for example x: /study/x.csv:0: not a number"
    ]


def test_two_raters_of_one_video_count_once() -> None:
    lines = [("a", "ann: no delay"), ("a", "ben: no delay"), ("b", "ann: no delay")]
    assert counted(lines, 5) == ["2 of 5 videos (a, b), for example a: ann: no delay"]
