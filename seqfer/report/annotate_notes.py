"""The small print of an annotated film's page: the film at a glance, counts that add up, how sure it is, what it means, the files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from seqfer.report import words
from seqfer.report.annotate_bins import Film
from seqfer.report.annotate_text import clock, lasting
from seqfer.runs.names import FRAMES_CSV, FRAMES_PARQUET, SECONDS_CSV, SUMMARY_JSON, TRACKS_CSV

Summary = Mapping[str, Any]


def facts(film: Film, summary: Summary) -> list[tuple[str, str, str]]:
    """The film at a glance as (term, value, small print)."""
    info, detector = summary.get("film") or {}, summary.get("detector") or {}
    size = f"{info['width']} \u00d7 {info['height']} pixels" if info.get("width") else "size not stated"
    longest = film.longest[0] if film.tracks else None
    at_once = f"at most {film.most_at_once} at the same time" if film.tracks else "none was found"
    tracked = (
        f"Face {longest.face} longest: {lasting(longest.seen_s)}" if longest else "every frame has a row all the same"
    )
    share = film.with_face / film.analysed if film.analysed else math.nan
    return [
        ("Length looked at", lasting(film.length_s), size),
        ("Faces", words.count(len(film.tracks)), at_once),
        (
            "Frames with a face",
            words.percent(share, 0 if share in (0, 1) else 1),
            f"of {words.count(film.analysed)} {'frame' if film.analysed == 1 else 'frames'} looked at",
        ),
        ("On screen", tracked.partition(": ")[2] or "\u2013", tracked.partition(": ")[0]),
        ("Found by", str(detector.get("name") or "not stated"), "the face detector"),
    ]


def reconciliation(film: Film, summary: Summary) -> list[tuple[str, str, str]]:
    """(what, how many, what it means) from the container's promise to the rows in the files."""
    counts = _counts(summary)
    container = counts.get("container_frames")
    said = "what the file says it holds" if container is not None else "the file does not say"
    rows = [
        ("frames in the container", words.count(container), said),
        ("frames decoded", words.count(counts.get("decoded")), "what could be read of it"),
        (
            "frames analysed",
            words.count(counts.get("analysed", film.analysed)),
            "looked at for faces; each has at least one row",
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


def warnings(film: Film, summary: Summary) -> list[str]:
    """What a reader must know before trusting the page: partial results, counts that do not add up, notes of the run."""
    counts = _counts(summary)
    found = [str(note) for note in counts.get("notes") or ()]
    if is_partial(summary) and not found:
        reason = summary.get("problem") or "the film was not analysed to its end"
        found.append(
            f"Partial result: {reason}. Everything up to {clock(film.last_s) if film.length_s else '0:00'} is here."
        )
    if zero_s := (summary.get("film") or {}).get("zero_s"):
        found.append(
            f"Times on this page are as players show them; the tables have the film's own clock, {zero_s:g} seconds ahead."
        )
    for name, here in (("analysed", film.analysed), ("rows", film.rows)):
        if counts.get(name) is not None and counts[name] != here:
            found.append(
                f"The summary speaks of {words.count(counts[name])} {name}, this page was made from {words.count(here)}."
            )
    if film.untimed:
        found.append(
            f"{words.count(film.untimed)} frames have no time in the film; they are in the tables and not in the pictures."
        )
    return found


def is_partial(summary: Summary) -> bool:
    """Whether reading ended before the film did."""
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
            "the rest is blank in the pictures and in the tables, never 0",
        )
    ]
    if film.tracks:
        rows.append(
            (
                "coverage of the longest face",
                words.percent(covered),
                "share of the time looked at in which it was found",
            )
        )
        rows.append(
            (
                "mean top probability",
                words.percent(top, 0),
                f"how strongly the model leans to its first choice; {words.percent(1 / len(classes), 0)} would be a plain guess among {len(classes)}",
            )
        )
    return rows


def limits(summary: Summary, has_valence: bool) -> list[str]:
    """What the numbers mean and what they do not, in plain words."""
    said = [
        "The model looks at faces, not into people. It says which posed or labelled expression a face resembles, frame by frame. "
        "What somebody feels may be quite different: people smile when they are embarrassed and keep still when they are moved.",
        "A probability of 70\u00a0% for happiness means that the model prefers happiness that clearly. It does not mean that the "
        "person is happy with a chance of 70\u00a0%.",
        "A face keeps its number while it can be followed. After a cut, or after a longer absence, the same person gets a new number.",
        "Light, glasses, beards, head turns and a small face all make the estimates worse, and they may be worse for some groups "
        "of people than for others.",
        "Do not use this for decisions about people.",
    ]
    valence = summary.get("valence") or {}
    if has_valence:
        method = str(valence.get("method") or "not stated").rstrip(".")
        source = f" Source: {str(valence['source']).rstrip('.')}." if valence.get("source") else ""
        said.insert(
            0,
            f"Valence says how pleasant (+1) or unpleasant (\u22121) an expression looks; 0 is neither. Method: {method}.{source}",
        )
    return said


def citation(summary: Summary) -> str:
    """One sentence for a methods section: everything another person needs to get the same numbers."""
    model, detector, valence = (summary.get(key) or {} for key in ("model", "detector", "valence"))
    parts = [f"Faces and emotions were annotated with seqfer {summary.get('seqfer') or ''}".strip()]
    if model.get("name"):
        head = f" with the head {model['head']}" if model.get("head") not in (None, "none") else ""
        parts.append(f"model {model['name']}{head}{_short(model)}")
    if detector.get("name"):
        parts.append(f"face detector {detector['name']}{_short(detector)}")
    if valence.get("method"):
        how = valence.get("source") or valence["method"]
        smoothing_s = valence.get("smoothing_s")
        smoothed = f", averaged over neighbouring frames (Gaussian, {smoothing_s:g} s)" if smoothing_s else ""
        parts.append(f"valence: {str(how).rstrip('.')}{smoothed}{_short(valence)}")
    return "; ".join(parts) + ". Name the checksums: they say which weights made these numbers."


def _short(part: Mapping[str, Any]) -> str:
    """The checksum, or of several each with its name, in brackets."""
    found = part.get("checksum") or ""
    named = found.items() if isinstance(found, Mapping) else [("", found)]
    told = [f"{name} {str(checksum)[:12]}".strip() for name, checksum in named if len(str(checksum)) > 12]
    return f" (sha256 {', '.join(told)})" if told else ""


def files(classes: Sequence[str], summary: Summary, has_valence: bool) -> list[tuple[str, str]]:
    """(name, what its columns mean) of everything that may lie beside the page; `files` in the summary names those that do."""
    rows = (
        "frame (counted from 0), time_s (the film's own clock), shot, face (empty: none on this frame), x1 y1 x2 y2 (the face's "
        "box in pixels, from the top left), score (how sure the detector was; empty between two searches), "
        f"{', '.join(classes)} (probabilities, together 1), top emotion{', valence' if has_valence else ''}"
    )
    known = {
        FRAMES_CSV: rows,
        FRAMES_PARQUET: "the same rows for pandas, R or Arrow",
        TRACKS_CSV: "one line per face: when it is first and last seen, on how many frames, its main emotion",
        SECONDS_CSV: "per face and second: mean valence over [t, t+1), coverage, frames used, spread; a gap is empty, never 0",
        SUMMARY_JSON: "the counts, settings, versions and speed on this page, for programs",
    }
    by_ending = {
        "eaf": "the same as tiers, for ELAN",
        "vtt": "subtitles that name the emotion, for any player",
        "mp4": "the film with boxes and emotions drawn on it, with its sound",
    }
    there = summary.get("files")
    if there is None:
        there = [name for name in list(known)[:5] if has_valence or name != SECONDS_CSV]
    return [(str(name), known.get(str(name)) or by_ending.get(str(name).rpartition(".")[2], "")) for name in there]
