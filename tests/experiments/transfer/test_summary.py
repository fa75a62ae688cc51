"""The report of a transfer: before and after each step, under both divisions."""

from __future__ import annotations

import json

from page_checks import Page, check_accessible, check_self_contained
from transfer_calls import LABELS

from seqfer.models.weights import read_encoder


def test_before_and_after(done):
    report = json.loads((done / "report.json").read_text())
    assert report["new_classes"] == ["surprise"]
    for protocol in ("person", "plain"):
        rows = {row["name"]: row for row in report["protocols"][protocol]}
        assert list(rows) == ["zero-shot", "head", "last-1", "all", "scratch"]
        assert rows["zero-shot"]["count"] + rows["zero-shot"]["left_out"] == rows["head"]["count"]
        assert rows["zero-shot"]["left_out"] == sum(rows["head"]["confusion"][2]) > 0
        assert rows["head"]["trainable"] == 64 * 3 + 3
        assert rows["head"]["trainable"] < rows["last-1"]["trainable"] < rows["all"]["trainable"]
        assert rows["all"]["over_scratch"]["low"] <= rows["all"]["over_scratch"]["value"]
    assert report["sizes"]["person"]["people_in_both"] == [0]
    assert report["sizes"]["plain"]["people_in_both"][0] > 0
    assert report["sizes"]["person"] == {"train": [48], "validation": [6], "test": [6], "people_in_both": [0]}
    text = (done / "report.html").read_text()
    check_self_contained(text)
    check_accessible(text)
    assert "plain image split (savoiu2017)" in Page(text).text
    _, meta = read_encoder(str(done / "encoder.safetensors"))
    assert meta["classes"] == list(LABELS)
    assert meta["transferred"] == report["chosen"]
