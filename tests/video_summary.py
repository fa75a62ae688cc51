"""The summary of a made-up video, for tests that need one without annotating anything."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqfer.runs.kinds.annotate_video import Speed, VideoSummary
from seqfer.runs.records import parse_record

FILE = Path(__file__).parent / "runs" / "before" / "annotate_video" / "summary.json"


def video_summary(frames_per_second: float = 31.6, **changed: Any) -> VideoSummary:
    """Two faces on 75 frames, unless `changed` says otherwise."""
    summary = parse_record(VideoSummary, json.loads(FILE.read_text(encoding="utf-8")), FILE)
    usual = {"faces": 2, "rows_without_face": 0, "damaged_packets": 0, "partial": False, "analysed": 75}
    return replace(summary, speed=Speed(seconds=2.0, frames_per_second=frames_per_second), **{**usual, **changed})
