"""What a notebook shows of annotated videos: well-formed HTML without scripts, one timeline per face."""

from __future__ import annotations

import re

from annotation_tables import annotation
from page_checks import Page, check_self_contained

from seqfer.results._card import FACES, card
from seqfer.results.annotations import Annotations

SEEN: list[tuple[float, int | None]] = [(0.0, 1), (0.04, 1), (0.08, None), (0.12, 1), (0.16, 2)]


def checked(text: str) -> Page:
    """The parsed HTML; nothing is fetched but the patterns of the same output."""
    check_self_contained(re.sub(r"url\(#seqfer-\w+\)", "", text))
    page = Page(text)
    for tag, attributes in page.tags:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or (attributes["role"] == "img" and attributes["aria-label"])
    return page


def test_every_face_has_a_row_with_its_timeline() -> None:
    video = annotation(SEEN)
    page = checked(video._repr_html_())
    assert video._repr_html_() == card(video)
    assert page.count("tr") == 3
    assert "a.mp4 : 5 frames, 2 faces" in page.text
    assert "emotions and valence from 0:00.0 to 0:00.2" in page.text
    assert "happiness 46 % +0.25 0:00.0 to 0:00.1, 3 frames" in page.text
    pictures = [attributes["aria-label"] for tag, attributes in page.tags if tag == "svg" and attributes.get("role")]
    assert pictures == ["face 1: mostly happiness, 0:00.0 to 0:00.1", "face 2: mostly happiness, 0:00.1 to 0:00.1"]
    assert [name for name in video.emotions if name not in page.text] == []


def test_bands_begin_and_end_with_the_face() -> None:
    text = card(annotation(SEEN, valence=False))
    places = {(float(a), float(b)) for a, b in re.findall(r'd="M([\d.]+) [^"]*H([\d.]+)z"', text)}
    assert {round(begin) for begin, _ in places} == {0, 204, 272}  # of 340 pixels for five frames
    assert "valence" not in text


def test_names_are_text_and_many_faces_are_cut_off() -> None:
    video = annotation([(number / 25, number + 1) for number in range(FACES + 2)], name="<b>&.mp4")
    page = checked(card(video))
    assert "<b>&.mp4 :" in page.text
    assert "and 2 more in .tracks" in page.text
    assert page.count("tr") == FACES + 1


def test_a_video_without_a_face_is_one_line() -> None:
    assert checked(card(annotation([(0.0, None)]))).count("table") == 0


def test_several_videos_are_opened_one_by_one() -> None:
    page = checked(Annotations({"<a>": annotation(SEEN)}, {"b": "b: <gone>"})._repr_html_())
    assert page.count("details") == 1
    assert "<a>: 5 frames" in page.text
    assert "b: failed (b: <gone>)" in page.text
