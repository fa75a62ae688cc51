"""ELAN documents, checked against the rules of the EAF 3.0 schema written out below, and stretches of emotions."""

import math
import re
import xml.etree.ElementTree as ET
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from annotation_rows import CLASSES, face_row, film

from seqfer.film.output.formats.elan import write_elan

ORDER = [
    "LICENSE", "HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LOCALE", "LANGUAGE", "CONSTRAINT",
    "CONTROLLED_VOCABULARY", "LEXICON_REF", "REF_LINK_SET", "EXTERNAL_REF",
]  # fmt: skip
# attributes of each element: (needed, allowed besides)
ATTRIBUTES = {
    "ANNOTATION_DOCUMENT": ({"DATE", "AUTHOR", "VERSION"}, {"FORMAT", "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"}),
    "HEADER": (set(), {"MEDIA_FILE", "TIME_UNITS"}),
    "MEDIA_DESCRIPTOR": ({"MEDIA_URL", "MIME_TYPE"}, {"RELATIVE_MEDIA_URL", "TIME_ORIGIN", "EXTRACTED_FROM"}),
    "PROPERTY": (set(), {"NAME"}),
    "TIME_ORDER": (set(), set()),
    "TIME_SLOT": ({"TIME_SLOT_ID"}, {"TIME_VALUE"}),
    "TIER": ({"TIER_ID", "LINGUISTIC_TYPE_REF"}, {"PARTICIPANT", "ANNOTATOR", "DEFAULT_LOCALE", "PARENT_REF", "EXT_REF", "LANG_REF"}),
    "ANNOTATION": (set(), set()),
    "ALIGNABLE_ANNOTATION": ({"ANNOTATION_ID", "TIME_SLOT_REF1", "TIME_SLOT_REF2"}, {"SVG_REF", "EXT_REF", "LANG_REF", "CVE_REF"}),
    "ANNOTATION_VALUE": (set(), set()),
    "LINGUISTIC_TYPE": (
        {"LINGUISTIC_TYPE_ID"},
        {"TIME_ALIGNABLE", "CONSTRAINTS", "GRAPHIC_REFERENCES", "CONTROLLED_VOCABULARY_REF", "EXT_REF", "LEXICON_REF"},
    ),
    "LANGUAGE": ({"LANG_ID"}, {"LANG_DEF", "LANG_LABEL"}),
    "CONSTRAINT": ({"STEREOTYPE"}, {"DESCRIPTION"}),
    "CONTROLLED_VOCABULARY": ({"CV_ID"}, {"EXT_REF"}),
    "DESCRIPTION": ({"LANG_REF"}, set()),
    "CV_ENTRY_ML": ({"CVE_ID"}, {"EXT_REF"}),
    "CVE_VALUE": ({"LANG_REF"}, {"DESCRIPTION"}),
}  # fmt: skip
CHILDREN = {
    "HEADER": ["MEDIA_DESCRIPTOR", "LINKED_FILE_DESCRIPTOR", "PROPERTY"],
    "TIME_ORDER": ["TIME_SLOT"],
    "TIER": ["ANNOTATION"],
    "ANNOTATION": ["ALIGNABLE_ANNOTATION"],
    "ALIGNABLE_ANNOTATION": ["ANNOTATION_VALUE"],
    "CONTROLLED_VOCABULARY": ["DESCRIPTION", "CV_ENTRY_ML"],
    "CV_ENTRY_ML": ["CVE_VALUE"],
    "ANNOTATION_DOCUMENT": ORDER,
}
NCNAME = re.compile(r"[A-Za-z_][\w.\-]*")


def check_elements(root):
    """Names, attributes, and children in their order."""
    for element in root.iter():
        needed, allowed = ATTRIBUTES[element.tag]
        assert needed <= set(element.attrib) <= needed | allowed, element.tag
        order = [CHILDREN.get(element.tag, []).index(child.tag) for child in element]
        assert order == sorted(order), element.tag


def unique(values):
    values = list(values)
    assert len(values) == len(set(values))
    return set(values)


def check_eaf(path):
    """The schema's rules, its keys and references, and ELAN's own: ascending slots, no annotation over another. Returns the tiers."""
    root = ET.parse(path).getroot()
    assert root.tag == "ANNOTATION_DOCUMENT"
    assert (root.get("FORMAT"), root.get("VERSION")) == ("3.0", "3.0")
    assert datetime.fromisoformat(root.get("DATE")).tzinfo is not None
    check_elements(root)
    assert len(root.findall("HEADER")) == len(root.findall("TIME_ORDER")) == 1
    assert root.find("HEADER").get("TIME_UNITS") == "milliseconds"
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")}
    ids = unique(
        [
            *(s.get("TIME_SLOT_ID") for s in root.iter("TIME_SLOT")),
            *(a.get("ANNOTATION_ID") for a in root.iter("ALIGNABLE_ANNOTATION")),
        ]
    )
    assert all(NCNAME.fullmatch(name) for name in ids)
    assert list(slots.values()) == sorted(slots.values())
    assert all(value >= 0 for value in slots.values())
    unique(tier.get("TIER_ID") for tier in root.iter("TIER"))
    languages = unique(language.get("LANG_ID") for language in root.iter("LANGUAGE"))
    assert {element.get("LANG_REF") for element in root.iter() if element.get("LANG_REF")} <= languages
    vocabularies = {
        cv.get("CV_ID"): unique(e.get("CVE_ID") for e in cv.iter("CV_ENTRY_ML"))
        for cv in root.iter("CONTROLLED_VOCABULARY")
    }
    words = {e.get("CVE_ID"): e.find("CVE_VALUE").text for e in root.iter("CV_ENTRY_ML")}
    kinds = {kind.get("LINGUISTIC_TYPE_ID"): kind for kind in root.iter("LINGUISTIC_TYPE")}
    assert len(unique(c.get("STEREOTYPE") for c in root.iter("CONSTRAINT"))) == 4
    used, found = [], {}
    for tier in root.iter("TIER"):
        kind, before = kinds[tier.get("LINGUISTIC_TYPE_REF")], 0
        assert kind.get("TIME_ALIGNABLE") == "true"
        for annotation in tier.iter("ALIGNABLE_ANNOTATION"):
            refs = [annotation.get("TIME_SLOT_REF1"), annotation.get("TIME_SLOT_REF2")]
            used += refs
            start, end = (slots[ref] for ref in refs)
            assert before <= start < end
            before, value = end, annotation.find("ANNOTATION_VALUE").text
            if annotation.get("CVE_REF"):
                assert annotation.get("CVE_REF") in vocabularies[kind.get("CONTROLLED_VOCABULARY_REF")]
                assert words[annotation.get("CVE_REF")] == value
            found.setdefault(tier.get("TIER_ID"), []).append((start, end, value))
    assert unique(used) == set(slots)  # each annotation has two of its own
    assert root.find("HEADER/PROPERTY").text == str(len(used) // 2)
    return found


def elan(folder, rows, film_path=None, **options):
    write_elan(folder / "film.eaf", rows, CLASSES, film_path or folder / "film.mp4", **options)
    return check_eaf(folder / "film.eaf")


def test_two_faces_and_a_gap(tmp_path):
    rows = [*film(["fear"] * 25 + ["anger"] * 25 + [""] * 25 + ["anger"] * 30, valence=-0.5)]
    rows += [face_row(row.frame, row.time_s, 2, "happiness", 0.5) for row in rows if row.face and row.frame < 40]
    tiers = elan(tmp_path, sorted(rows, key=lambda row: row.frame))
    assert list(tiers) == ["face 1 emotion", "face 1 valence", "face 2 emotion", "face 2 valence"]
    assert tiers["face 1 emotion"] == [(0, 1000, "fear"), (1000, 2000, "anger"), (3000, 4200, "anger")]
    assert tiers["face 1 valence"] == [(k * 1000, k * 1000 + 1000, "-0.500") for k in (0, 1, 3, 4)]
    assert tiers["face 2 emotion"] == [(0, 1600, "happiness")]


def test_without_valence_and_without_faces(tmp_path):
    assert list(elan(tmp_path, film(["fear"] * 20, valence=math.nan))) == ["face 1 emotion"]
    assert elan(tmp_path, film([""] * 20)) == {}
    assert elan(tmp_path, []) == {}


def test_times_as_a_player_counts_them(tmp_path):
    tiers = elan(tmp_path, film(["fear"] * 50, start_s=1.4), origin_s=1.4)
    assert tiers["face 1 emotion"] == [(0, 2000, "fear")]
    assert tiers["face 1 valence"] == [(0, 600, "0.250"), (600, 1600, "0.250"), (1600, 2600, "0.250")]
    assert elan(tmp_path, film(["fear"] * 50, start_s=-1.0))["face 1 emotion"] == [(0, 1000, "fear")]


@pytest.mark.parametrize("rate_hz", [23.976, 29.97, 59.94, 240, 3000])
def test_rates_that_do_not_fit_milliseconds(tmp_path, rate_hz):
    emotions = [CLASSES[(k * k // 7) % 7] for k in range(400)]
    rows = film(emotions, rate_hz)
    tiers = elan(tmp_path, rows)
    stretches = tiers["face 1 emotion"]
    assert stretches[0][0] == 0
    assert all(a[1] == b[0] for a, b in pairwise(stretches))


def test_odd_names(tmp_path):
    name = 'a & "b" <c>\n\t\'ü\u2028 \x07.MOV'
    elan(tmp_path, film(["fear"] * 9), tmp_path / "films" / name)
    media = ET.parse(tmp_path / "film.eaf").getroot().find("HEADER/MEDIA_DESCRIPTOR")
    written = name.replace("\x07", "\ufffd")
    assert media.get("RELATIVE_MEDIA_URL") == f"./films/{written}"
    assert media.get("MEDIA_URL") == f"file://{tmp_path}/films/{written}"
    assert media.get("MIME_TYPE") == "video/quicktime"
    elan(tmp_path, film(["fear"] * 9), Path("bad \udcff.mkv"))
    media = ET.parse(tmp_path / "film.eaf").getroot().find("HEADER/MEDIA_DESCRIPTOR")
    assert media.get("RELATIVE_MEDIA_URL").startswith("../")
    assert media.get("MIME_TYPE") == "video/*"


def test_with_a_date_it_comes_out_the_same_again(tmp_path):
    written = []
    for _ in range(2):
        elan(tmp_path, film(["fear"] * 9), date="2024-05-06T07:08:09+02:00")
        written.append((tmp_path / "film.eaf").read_bytes())
    assert written[0] == written[1]


def test_pympi_reads_it(tmp_path):
    pympi = pytest.importorskip("pympi")
    elan(tmp_path, film(["fear"] * 25 + ["anger"] * 25))
    read = pympi.Elan.Eaf(str(tmp_path / "film.eaf"))
    assert [span[:3] for span in read.get_annotation_data_for_tier("face 1 emotion")] == [
        (0, 1000, "fear"),
        (1000, 2000, "anger"),
    ]
    assert list(read.get_controlled_vocabulary_names()) == ["emotions"]
