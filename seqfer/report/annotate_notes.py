"""The notes of an annotated video's page: facts, counts of frames and rows, confidence, interpretation, and files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from seqfer.report import words
from seqfer.report.annotate_bins import Film
from seqfer.report.annotate_text import clock, lasting
from seqfer.runs.names import (
    BLINKS_CSV,
    FRAMES_CSV,
    FRAMES_PARQUET,
    LANDMARKS_PARQUET,
    SECONDS_CSV,
    SUMMARY_JSON,
    TRACKS_CSV,
)

Summary = Mapping[str, Any]


def facts(film: Film, summary: Summary) -> list[tuple[str, str, str]]:
    """Facts about the video as (term, value, small print)."""
    info, detector = summary.get("film") or {}, summary.get("detector") or {}
    size = f"{info['width']} \u00d7 {info['height']} pixels" if info.get("width") else "size not stated"
    longest = film.longest[0] if film.tracks else None
    at_once = f"at most {film.most_at_once} at the same time" if film.tracks else "none was found"
    tracked = (
        f"Face {longest.face} longest: {lasting(longest.seen_s)}" if longest else "every frame has a row in the tables"
    )
    share = film.with_face / film.analysed if film.analysed else math.nan
    return [
        ("Length analysed", lasting(film.length_s), size),
        ("Faces", words.count(len(film.reported)), at_once),
        (
            "Frames with a face",
            words.percent(share, 0 if share in (0, 1) else 1),
            f"of {words.count(film.analysed)} {'frame' if film.analysed == 1 else 'frames'} analysed",
        ),
        ("Time visible", tracked.partition(": ")[2] or "\u2013", tracked.partition(": ")[0]),
        ("Detector", str(detector.get("name") or "not stated"), "the face detector"),
    ]


def reconciliation(film: Film, summary: Summary) -> list[tuple[str, str, str]]:
    """(what, how many, what it means) from the frames stated by the container to the rows in the files."""
    counts = _counts(summary)
    container = counts.get("container_frames")
    said = "as the file states" if container is not None else "the file does not state it"
    rows = [
        ("frames in the container", words.count(container), said),
        ("frames decoded", words.count(counts.get("decoded")), "that could be read"),
        (
            "frames analysed",
            words.count(counts.get("analysed", film.analysed)),
            "searched for faces; each has at least one row",
        ),
        (
            "frames with a face",
            words.count(film.with_face),
            f"at most {film.most_at_once} {'face' if film.most_at_once == 1 else 'faces'} on one frame",
        ),
        (
            "rows",
            words.count(counts.get("rows", film.rows)),
            "one per face on a frame, and one for every frame without a face",
        ),
    ]
    return rows


def geometry(film: Film, summary: Summary) -> list[tuple[str, str, str]]:
    """(what, value, what it means) of the faces' geometry; empty where it was not requested."""
    found = summary.get("geometry")
    if not found:
        return []
    rows = sum(track.frames for track in film.tracks.values())
    minutes = sum(track.seen_s for track in film.tracks.values()) / 60
    meshes = 1 - found["rows_without_mesh"] / rows if rows else math.nan
    rate = f"{found['blinks'] / minutes:.0f} a minute of visible faces; " if minutes >= 0.5 else ""
    poor = f"; {words.count(found['poor_rows'])} rows below {found['min_quality']:g} are in no mean at 1 Hz"
    return [
        (
            "rows with a mesh",
            words.percent(meshes, 0 if meshes in (0, 1) else 1),
            "478 landmarks; the others have no pose, gaze or openness",
        ),
        ("blinks", words.count(found["blinks"]), f"{rate}short drops of the openness of both eyes"),
        (
            "mean quality",
            f"{words.number(found['mean_quality']):.2f}",
            f"of 1: the worst of size, sharpness, turn and light{poor if found['min_quality'] else ''}",
        ),
    ]


def warnings(film: Film, summary: Summary) -> list[str]:
    """Warnings for the reader: partial results, inconsistent counts, notes of the run."""
    counts = _counts(summary)
    found = [str(note) for note in counts.get("notes") or ()]
    if is_partial(summary) and not found:
        reason = summary.get("problem") or "the video was not analysed to its end"
        found.append(
            f"Partial result: {reason}. It covers the video up to {clock(film.last_s) if film.length_s else '0:00'}."
        )
    if zero_s := (summary.get("film") or {}).get("zero_s"):
        found.append(
            f"Times on this page are those that players show; the tables have the video's own timestamps, which are {zero_s:g} seconds later."
        )
    for name, here in (("analysed", film.analysed), ("rows", film.rows)):
        if counts.get(name) is not None and counts[name] != here:
            found.append(
                f"summary.json has {words.count(counts[name])} {name}, this page was made from {words.count(here)}."
            )
    if short := len(film.tracks) - len(film.reported):
        found.append(
            f"{words.count(short)} {'track is' if short == 1 else 'tracks are'} shorter than {film.min_track_s:g} s; the rows are in the tables, "
            f"tracks.csv marks them as short, and the charts leave them out."
        )
    if film.untimed:
        found.append(
            f"{words.count(film.untimed)} frames have no timestamp; they are in the tables but not in the charts."
        )
    return found


def is_partial(summary: Summary) -> bool:
    """Whether reading ended before the end of the video."""
    return bool(_counts(summary).get("partial"))


def _counts(summary: Summary) -> Mapping[str, Any]:
    """The reconciled counts: what `annotation.summary.reconcile` returns, under "frames" or among the summary's own keys."""
    nested = summary.get("frames")
    return {**summary, **nested} if isinstance(nested, Mapping) else summary


def certainty(film: Film, classes: Sequence[str]) -> list[tuple[str, str, str]]:
    """(what, value, how to read it)."""
    classified = sum(track.classified for track in film.tracks.values())
    top = sum(track.top_sum for track in film.tracks.values()) / classified if classified else math.nan
    covered = film.longest[0].seen_s / film.length_s if film.tracks and film.length_s else math.nan
    rows = [
        (
            "frames with a face",
            words.percent(film.with_face / film.analysed if film.analysed else math.nan),
            "the others are blank in the charts and in the tables, never 0",
        )
    ]
    if film.tracks:
        rows.append(
            (
                "coverage of the longest face",
                words.percent(covered),
                "share of the analysed time in which it was found",
            )
        )
        rows.append(
            (
                "mean top probability",
                words.percent(top, 0),
                f"the model's confidence in its most probable emotion; {words.percent(1 / len(classes), 0)} is chance for {len(classes)} classes",
            )
        )
    return rows


def limits(summary: Summary, has_valence: bool) -> list[str]:
    """Notes on how to interpret the numbers."""
    said = [
        "The model classifies expressions, not feelings. For each frame it estimates which posed or labelled expression a face resembles. "
        "What a person feels may be different: people smile when they are embarrassed, and strong feelings may not show in a face.",
        "A probability of 70\u00a0% for happiness is the model's confidence in that expression. It does not mean that the "
        "person is happy with a probability of 70\u00a0%.",
        "A face keeps its number while it can be tracked. After a cut, or after a longer absence, the same person gets a new number.",
        "Light, glasses, beards, head rotation and a small face all make the estimates worse, and they may be worse for some groups "
        "of people than for others.",
        "Do not use this for decisions about people.",
    ]
    valence = summary.get("valence") or {}
    if has_valence:
        differs = valence.get("differs_from_emotions")
        if differs is not None and math.isfinite(differs):
            said.insert(
                0,
                f"In {words.percent(differs, 0 if differs in (0, 1) else 1)} of the rows with a face, valence and the valence expected of the "
                "emotions (published norms) differ by more than 0.3: two models read the face differently there.",
            )
        method = str(valence.get("method") or "not stated").rstrip(".")
        source = f" Source: {str(valence['source']).rstrip('.')}." if valence.get("source") else ""
        said.insert(
            0,
            f"Valence is how pleasant (+1) or unpleasant (\u22121) an expression looks; 0 is neutral. Method: {method}.{source}",
        )
    return said


def citation(summary: Summary) -> str:
    """One sentence for a methods section, with everything needed to reproduce the numbers."""
    model, detector, valence = (summary.get(key) or {} for key in ("model", "detector", "valence"))
    parts = [f"Faces and emotions were annotated with seqfer {summary.get('seqfer') or ''}".strip()]
    if model.get("name"):
        head = f" with the head {model['head']}" if model.get("head") not in (None, "none") else ""
        parts.append(f"model {model['name']}{head}{_short(model)}")
    if detector.get("name"):
        parts.append(f"face detector {detector['name']}{_short(detector)}")
    if valence.get("method"):
        how = valence.get("source") or valence["method"]
        within_s, smoothing_s = valence.get("average_within_s"), valence.get("smoothing_s")
        smoothed = f", averaged over the moments at which the face looks the same ({within_s:g} s)" if within_s else ""
        if smoothing_s:  # folders of earlier versions
            smoothed = f", averaged over neighbouring frames (Gaussian, {smoothing_s:g} s)"
        parts.append(f"valence: {str(how).rstrip('.')}{smoothed}{_short(valence)}")
    return "; ".join(parts) + ". State the checksums: they identify the weights."


def _short(part: Mapping[str, Any]) -> str:
    """The checksum, or several with their names, in brackets."""
    found = part.get("checksum") or ""
    named = found.items() if isinstance(found, Mapping) else [("", found)]
    told = [f"{name} {str(checksum)[:12]}".strip() for name, checksum in named if len(str(checksum)) > 12]
    return f" (sha256 {', '.join(told)})" if told else ""


def files(classes: Sequence[str], summary: Summary, has_valence: bool) -> list[tuple[str, str]]:
    """(name, what its columns mean) of every file that may be in the page's folder; `files` in the summary names those that are."""
    picture = "picture (the file), " if (summary.get("film") or {}).get("kind") in ("folder", "stills") else ""
    rows = (
        f"frame (counted from 0), {picture}time_s (the video's own timestamp), shot, face (empty: none on this frame), x1 y1 x2 y2 (the face's "
        "box in pixels, from the top left), score (confidence of the detector; empty on interpolated frames), "
        f"{', '.join(classes)} (probabilities, sum 1), top emotion{', valence' if has_valence else ''}"
        f"{', head pose, gaze, openness and quality (docs/geometry.md)' if summary.get('geometry') else ''}"
    )
    known = {
        FRAMES_CSV: rows,
        FRAMES_PARQUET: "the same rows for pandas, R or Arrow",
        TRACKS_CSV: "one line per face: first and last time, number of frames, main emotion, and short (1: too short for this report)",
        SECONDS_CSV: "per face and second: mean valence over [t, t+1), coverage, frames used, spread; gaps are empty, never 0",
        LANDMARKS_PARQUET: "one mesh of 478 landmarks per face and frame, relative to the face's box (docs/geometry.md)",
        BLINKS_CSV: "one line per blink: face, onset, peak and offset in the video's own time, duration, and how far the eyes closed",
        SUMMARY_JSON: "the counts, settings, versions and speed of this page as JSON",
    }
    by_ending = {
        "eaf": "the same as tiers for ELAN",
        "vtt": "subtitles with the emotions, for any player",
        "mp4": "the video with boxes and emotions drawn on it, with its audio",
    }
    there = summary.get("files")
    if there is None:
        absent = {LANDMARKS_PARQUET, BLINKS_CSV, *([] if has_valence else [SECONDS_CSV])}
        there = [name for name in known if name not in absent]
    return [(str(name), known.get(str(name)) or by_ending.get(str(name).rpartition(".")[2], "")) for name in there]
