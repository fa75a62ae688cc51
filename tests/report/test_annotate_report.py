"""The page of an annotated film: what it says, what it draws, gaps kept, memory and size bounded, one script and nothing fetched."""

from __future__ import annotations

import base64
import hashlib
import math
import re

import cv2
import numpy as np
import pytest
from annotated_film import BOX, CLASSES, leaning, row, two_halves
from page_checks import Page, check_accessible

from seqfer.core.errors import InputError
from seqfer.core.records import FaceRow
from seqfer.report.annotate_report import write_annotate_report
from tests.browser import CHROMIUM, dump_dom

SUMMARY = {
    "seqfer": "0.1.0",
    "film": {"name": "kitchen.mp4", "width": 640, "height": 360, "duration_s": 20.0},
    "detector": {"name": "haar", "checksum": "none"},
    "model": {"name": "small + lstm", "checksum": "ab" * 32},
    "valence": {"method": "expectation under norms", "source": "somebody 1999"},
    "settings": {"fps": None},
}


def picture(side: int = 112) -> bytes:
    drawn = np.full((side, side, 3), 200, np.uint8)
    cv2.circle(drawn, (side // 2, side // 2), side // 3, (80, 120, 200), -1)
    return cv2.imencode(".jpg", drawn)[1].tobytes()


def page_of(tmp_path, rows, summary=SUMMARY, thumbnails=None, shots=(0.0,), faces=True) -> str:
    path = write_annotate_report(tmp_path, summary, iter(rows), CLASSES, thumbnails or {}, shots, faces)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    text = path.read_text(encoding="utf-8")
    check_accessible(text)
    check_nothing_fetched(text)
    return text


def check_nothing_fetched(text: str) -> None:
    """Pictures are inside, the only script is the page's own and named by the policy, no address leads out of the page."""
    page = Page(text)
    assert not {"link", "iframe", "object", "embed"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert (attributes.get("src") or "data:").startswith("data:"), tag
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"https?://|@import|url\((?!#)", text)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert len(scripts) == page.count("script") <= 1
    for script in scripts:
        assert "script-src 'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in text


def test_page_holds_the_numbers_and_the_limits(tmp_path):
    rows = two_halves()
    counts = {
        "container_frames": 201,
        "decoded": 200,
        "analysed": 200,
        "rows": 200,
        "partial": False,
        "notes": ["One was lost."],
    }
    shown = Page(page_of(tmp_path, rows, SUMMARY | {"frames": counts}, shots=(0.0, 5.0))).text
    for words in (
        "kitchen.mp4",
        "640 × 360 pixels",
        "One was lost.",
        "201 as the file states",
        "haar",
        "expectation under norms",
        "ab" * 32,
        "not feelings",
        "Do not use this for decisions about people",
        "70 % the model's confidence",
        "valence_1hz.csv",
        "small + lstm (sha256 abababababab)",
    ):
        assert words in shown, words


def test_the_citation_names_every_checksum(tmp_path):
    model = {"name": "compact", "head": "bilstm", "checksum": {"encoder": "cd" * 32, "head": "ef" * 32}}
    valence = {"method": "model", "source": "nine levels", "checksum": "12" * 32, "smoothing_s": 0.8}
    shown = Page(page_of(tmp_path, two_halves(), SUMMARY | {"model": model, "valence": valence})).text
    assert "model compact with the head bilstm (sha256 encoder cdcdcdcdcdcd, head efefefefefef)" in shown
    assert "valence: nine levels, averaged over neighbouring frames (Gaussian, 0.8 s) (sha256 121212121212)" in shown


def test_summary_that_contradicts_the_rows_is_named(tmp_path):
    assert (
        "summary.json has 7 rows, this page was made from 200."
        in Page(page_of(tmp_path, two_halves(), SUMMARY | {"rows": 7})).text
    )


def test_partial_film_shows_what_is_missing(tmp_path):
    half = two_halves(100)
    text = page_of(tmp_path, half, SUMMARY | {"partial": True, "problem": "packet 3 is damaged"})
    assert 'class="beyond" style="left:50.0%"' in text
    assert "Partial result: packet 3 is damaged. It covers the video up to 0:09." in Page(text).text


def test_without_valence_nothing_speaks_of_it(tmp_path):
    rows = [row(k, valence=math.nan) for k in range(30)]
    text = page_of(tmp_path, rows, {"film": {"name": "a.mp4"}})
    assert "alence" not in re.sub(
        r"<(style|script)>.*?</\1>|<defs>.*?</defs>|data-\w+=\"[^\"]*\"", "", text, flags=re.S
    )


@pytest.mark.parametrize("rows", [[], [row(0, None)], [row(k, None) for k in range(30)]])
def test_no_face_and_no_frame(tmp_path, rows):
    text = page_of(tmp_path, rows)
    assert "<script>" not in text
    assert ("No face was found" if rows else "has no analysed frame") in Page(text).text


def test_one_frame(tmp_path):
    text = page_of(tmp_path, [row(0)])
    assert "Face 1 is seen on one frame, at 0:00.0: mostly happiness" in Page(text).text
    assert "nan" not in text.lower().replace("nance", "")


def test_a_frame_without_time_is_counted(tmp_path):
    lost = FaceRow(5, math.nan, 1, 1, BOX, 0.9, leaning("anger"), 0.0)
    shown = Page(page_of(tmp_path, [row(0), lost, row(6)])).text
    assert "1 frames have no timestamp" in shown


def test_times_that_run_backwards_do_no_harm(tmp_path):
    rows = [row(k) for k in range(50)] + [
        FaceRow(50 + k, k / 10, 1, 1, BOX, 0.9, leaning("fear"), -0.5) for k in range(20)
    ]
    assert "Face 1" in Page(page_of(tmp_path, rows)).text


def test_many_faces_with_pictures_stay_small(tmp_path):
    rows = [row(k, face, CLASSES[face % 7]) for k in range(1200) for face in [*range(1, 14), 14 + k // 6]]
    thumbnails = {face: [(t, picture(400)) for t in range(0, 120, 5)] for face in range(1, 40)}
    text = page_of(tmp_path, rows, thumbnails=thumbnails, shots=range(0, 120, 2))
    assert len(text) < 1_500_000
    page = Page(text)
    assert sum(attributes.get("class") == "film" for _, attributes in page.tags) == 12
    assert page.count("img") == 12 * 8
    assert "213 faces" in page.text
    assert "13 more faces in tracks.csv" in page.text


def test_no_pictures_where_none_are_wanted(tmp_path):
    text = page_of(tmp_path, two_halves(), thumbnails={1: [(1.0, picture())]}, faces=False)
    assert "<img" not in text
    assert "data:image" not in text


def test_a_broken_picture_is_left_out(tmp_path):
    assert Page(page_of(tmp_path, two_halves(), thumbnails={1: [(1.0, b"no"), (2.0, picture())]})).count("img") == 1


def test_names_of_films_are_only_text(tmp_path):
    summary = SUMMARY | {"film": {"name": "<script>alert(1)</script>.mp4"}}
    assert "<script>alert" not in page_of(tmp_path, two_halves(), summary)


def test_a_short_face_gets_a_closer_look(tmp_path):
    rows = [row(k, 1 if 500 <= k < 520 else None) for k in range(2000)]
    text = page_of(tmp_path, rows)
    assert 'class="locator"' in text
    assert 'data-start="49.84"' in text


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError):
        write_annotate_report(tmp_path / "file", SUMMARY, [row(0)], CLASSES, {}, [0.0])


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_opens_it_without_complaint(tmp_path):
    page_of(tmp_path, two_halves(), thumbnails={1: [(1.0, picture())]}, shots=(0.0, 10.0))
    dom, said = dump_dom(tmp_path / "report.html", tmp_path / "profile")
    assert "CONSOLE" not in said
    assert "Point at the timeline" in dom.partition("<script>")[0], "the page's own script did not run"
