"""Do the numbers add up? Frames the container announces, decoded, analysed, and rows: compared, and every difference put into words."""

from __future__ import annotations

from typing import Any

from seqfer.core.errors import SeqferError
from seqfer.film.output.order import RowCounts


def reconcile(
    container_frames: int | None,
    decoded: int,
    analysed: int,
    counts: RowCounts,
    *,
    fps: float | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    problem: str | None = None,
    late_rows: int = 0,
    long_gaps: int = 0,
) -> dict[str, Any]:
    """The counts as plain values, with `notes`: one sentence for each step on which frames were left out, and why.

    `fps`, `start_s` and `end_s` are what was asked for, None for everything; `problem` is why reading ended early, None where it did not;
    `late_rows` and `long_gaps` are `SecondTable`'s.
    Raises SeqferError when the rows do not have exactly the frames that were analysed: then the files are wrong, not the film.
    """
    _check(analysed, counts)
    notes = [*_decoded(container_frames, decoded, end_s, problem), *_analysed(decoded, analysed, fps, start_s, end_s)]
    if counts.frames and counts.frames_without_face == counts.frames:
        notes.append(f"No face was found on any of the {counts.frames} analysed frames.")
    if late_rows:
        notes.append(f"{late_rows} rows have times that go back; they are in frames.csv and in no mean of a second.")
    if long_gaps:
        notes.append(
            f"{long_gaps} times a face is away for more than a day, by damaged time stamps; valence_1hz.csv leaves that out."
        )
    return {
        "container_frames": container_frames,
        "decoded": decoded,
        "analysed": analysed,
        "rows": counts.rows,
        "rows_without_face": counts.frames_without_face,
        "face_rows": counts.face_rows,
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


def _decoded(container: int | None, decoded: int, end_s: float | None, problem: str | None) -> list[str]:
    """Why the decoder gave another number of frames than the container announces."""
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


def _analysed(decoded: int, analysed: int, fps: float | None, start_s: float | None, end_s: float | None) -> list[str]:
    """Why fewer frames were analysed than decoded."""
    if analysed == decoded:
        return []
    asked = [f"--fps {fps:g}"] if fps is not None else []
    asked += [f"--start {start_s:g} s"] if start_s is not None else []
    asked += [f"--end {end_s:g} s"] if end_s is not None else []
    if not asked or analysed > decoded:
        return [f"{decoded} frames were decoded and {analysed} analysed, though all were asked for."]
    return [f"{analysed} of {decoded} decoded frames were analysed, as asked for with {', '.join(asked)}."]
