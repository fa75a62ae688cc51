"""Compares the numbers of frames in the container, decoded and analysed, and of rows, and explains every difference in a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seqfer.core.errors import SeqferError
from seqfer.film.output.order import RowCounts


@dataclass(frozen=True)
class FrameCounts:
    """Frames of a video: in the container's header (None where it has no number), decoded, and analysed."""

    container: int | None
    decoded: int
    analysed: int


@dataclass(frozen=True)
class RequestedFrames:
    """Which frames were requested: the rate and the span in seconds; None for everything."""

    fps: float | None = None
    start_s: float | None = None
    end_s: float | None = None

    @property
    def options(self) -> list[str]:
        """The command line's options for it."""
        asked = [f"--fps {self.fps:g}"] if self.fps is not None else []
        asked += [f"--start {self.start_s:g} s"] if self.start_s is not None else []
        return asked + ([f"--end {self.end_s:g} s"] if self.end_s is not None else [])


ALL_FRAMES = RequestedFrames()


def reconcile(
    frames: FrameCounts,
    rows: RowCounts,
    requested: RequestedFrames = ALL_FRAMES,
    *,
    problem: str | None = None,
    late_rows: int = 0,
    long_gaps: int = 0,
) -> dict[str, Any]:
    """The counts as plain values, with `notes`: one sentence for each step on which frames were left out, and why.

    `problem` is why reading ended early, None where it did not; `late_rows` and `long_gaps` are `SecondTable`'s.
    Raises SeqferError when the rows do not have exactly the frames that were analysed: then the files are wrong, not the video.
    """
    _check(frames.analysed, rows)
    notes = [*_decoded(frames, requested.end_s, problem), *_analysed(frames, requested)]
    if rows.frames and rows.frames_without_face == rows.frames:
        notes.append(f"No face was found on any of the {rows.frames} analysed frames.")
    if late_rows:
        notes.append(f"{late_rows} rows have times that go back; they are in frames.csv and in no mean of a second.")
    if long_gaps:
        notes.append(
            f"{long_gaps} times a face is away for more than a day, by damaged time stamps; valence_1hz.csv leaves that out."
        )
    return {
        "container_frames": frames.container,
        "decoded": frames.decoded,
        "analysed": frames.analysed,
        "rows": rows.rows,
        "rows_without_face": rows.frames_without_face,
        "face_rows": rows.face_rows,
        "partial": problem is not None,
        "notes": notes,
    }


def _check(analysed: int, counts: RowCounts) -> None:
    if counts.frames != analysed:
        raise SeqferError(f"{analysed} frames were analysed and the rows have {counts.frames}; please report this")
    if counts.rows != counts.frames_without_face + counts.face_rows:
        raise SeqferError(
            f"{counts.rows} rows are not {counts.frames_without_face} without a face and {counts.face_rows} with one; please report this"
        )


def _decoded(frames: FrameCounts, end_s: float | None, problem: str | None) -> list[str]:
    """Why the number of decoded frames differs from that in the container's header."""
    container, decoded = frames.container, frames.decoded
    notes = [f"Reading ended early: {problem}. Everything up to there is here."] if problem else []
    if container is None:
        return [*notes, "The container does not say how many frames it has."]
    if decoded < container and not problem:
        if end_s is not None:
            notes.append(f"Reading stopped at --end {end_s:g} s, after {decoded} of {container} frames.")
        else:
            notes.append(f"The container announces {container} frames and holds {decoded} that can be shown.")
    elif decoded < container:
        notes.append(f"{container - decoded} of the {container} frames the container announces were not reached.")
    elif decoded > container:
        notes.append(f"The container announces {container} frames; {decoded} were decoded, and all of them count.")
    return notes


def _analysed(frames: FrameCounts, requested: RequestedFrames) -> list[str]:
    """Why fewer frames were analysed than decoded."""
    decoded, analysed, asked = frames.decoded, frames.analysed, requested.options
    if analysed == decoded:
        return []
    if not asked or analysed > decoded:
        return [f"{decoded} frames were decoded and {analysed} analysed, though all were asked for."]
    return [f"{analysed} of {decoded} decoded frames were analysed, as asked for with {', '.join(asked)}."]
