"""Documents for ELAN: time slots, headers, tiers, text that XML cannot hold; tests/film/output/formats checks the rules of the schema."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from seqfer.traces.eaf import add_time_order, clean, document
from seqfer.traces.reading import read_traces

TIERS = {"valence": [(0, 1000, "0.5"), (1000, 2500, "-0.25")], "two": [(500, 1000, "1")]}
DATE = "2026-01-02T03:04:05+00:00"


def made(path: Path, film: Path | None = None, tiers=TIERS) -> ET.Element:
    return ET.fromstring(document(path, tiers, "ratings", film, DATE))


def test_slots_ascend_and_ends_come_before_beginnings() -> None:
    root = ET.Element("ANNOTATION_DOCUMENT")
    slots = add_time_order(root, [[(0, 1000), (1000, 2500)], [(500, 1000)]])
    times = [int(slot.get("TIME_VALUE", "")) for slot in root.iter("TIME_SLOT")]
    assert times == [0, 500, 1000, 1000, 1000, 2500]
    assert [slot.get("TIME_SLOT_ID") for slot in root.iter("TIME_SLOT")] == [f"ts{n}" for n in range(1, 7)]
    # (tier, annotation, 0 start or 1 end); no two annotations share a slot
    assert slots == {
        (0, 0, 0): "ts1", (1, 0, 0): "ts2", (0, 0, 1): "ts3", (1, 0, 1): "ts4", (0, 1, 0): "ts5", (0, 1, 1): "ts6",
    }  # fmt: skip


def test_tiers_come_back_as_traces(tmp_path: Path) -> None:
    path = tmp_path / "a.eaf"
    path.write_bytes(document(path, TIERS, "ratings", tmp_path / "my film.mp4", DATE))
    one, two = read_traces(path)
    assert (one.start_s.tolist(), one.end_s.tolist(), one.values.tolist()) == ([0, 1], [1, 2.5], [0.5, -0.25])
    assert (two.name, two.values.tolist(), two.film) == ("two", [1.0], "my film.mp4")


def test_header_and_annotations(tmp_path: Path) -> None:
    root = made(tmp_path / "out" / "a.eaf", tmp_path / "films" / "a.MOV")
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    assert media is not None
    assert media.attrib == {
        "MEDIA_URL": f"file://{tmp_path.as_posix()}/films/a.MOV",
        "RELATIVE_MEDIA_URL": "../films/a.MOV",
        "MIME_TYPE": "video/quicktime",
    }
    assert root.findtext("HEADER/PROPERTY") == "3"
    assert [one.get("ANNOTATION_ID") for one in root.iter("ALIGNABLE_ANNOTATION")] == ["a1", "a2", "a3"]
    assert root.get("DATE") == DATE
    assert {one.get("LINGUISTIC_TYPE_ID") for one in root.iter("LINGUISTIC_TYPE")} == {"ratings"}


@pytest.mark.parametrize(("name", "kind"), [("a.mp4", "video/mp4"), ("a.mpeg", "video/mpeg"), ("a.avi", "video/*")])
def test_the_kind_of_video_and_its_place_beside_the_document(tmp_path: Path, name: str, kind: str) -> None:
    media = made(tmp_path / "a.eaf", tmp_path / name).find("HEADER/MEDIA_DESCRIPTOR")
    assert media is not None
    assert (media.get("MIME_TYPE"), media.get("RELATIVE_MEDIA_URL")) == (kind, f"./{name}")


def test_without_a_video_or_annotations(tmp_path: Path) -> None:
    root = made(tmp_path / "a.eaf", tiers={"valence": []})
    assert root.find("HEADER/MEDIA_DESCRIPTOR") is None
    assert root.findtext("HEADER/PROPERTY") == "0"
    assert not list(root.iter("TIME_SLOT"))


def test_characters_that_xml_forbids_are_replaced(tmp_path: Path) -> None:
    assert clean("a\x00b\x1bc\ud800d\tä🙂") == "a\ufffdb\ufffdc\ufffdd\tä🙂"
    root = made(tmp_path / "a.eaf", tmp_path / "fi\x07lm\udcff.mp4", {"ti\x01er": [(0, 1, "x")]})
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    assert media is not None
    assert media.get("RELATIVE_MEDIA_URL") == "./fi\ufffdlm\ufffd.mp4"
    assert [tier.get("TIER_ID") for tier in root.iter("TIER")] == ["ti\ufffder"]
