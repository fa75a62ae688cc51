"""Annotate films: every face tracked, every frame a row with its time and emotions, valence at 1 Hz.

A film is a file, a folder of pictures, or camera:0. Each gets a folder with frames.csv, frames.parquet, tracks.csv, valence_1hz.csv,
summary.json and report.html. What was killed goes on with --resume and ends with the same files.

Example:
  seqfer annotate-video movie.mp4 --valence
  seqfer annotate-video movie.mp4 --valence --overlay --format elan,webvtt --out results/movie
  seqfer annotate-video *.mp4 --valence --jobs 2 --out results
  seqfer annotate-video camera:0 --causal --valence --end 60
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer annotate-video`."""
    parser.add_argument("films", nargs="+", metavar="FILM", help="a video, a folder of pictures, or camera:0")
    parser.add_argument(
        "--out",
        type=Path,
        help="folder of the results; of several films the folder that theirs are made in (default: FILM-seqfer)",
    )
    parser.add_argument(
        "--valence", action="store_true", help="add valence in [-1, 1] to every row and to the trace at 1 Hz"
    )
    parser.add_argument(
        "--valence-method",
        default="auto",
        help="model: learned valence; norms: expectation of the emotions under published norms; auto: the model where one ships",
    )
    parser.add_argument(
        "--valence-model",
        default="auto",
        metavar="FILE",
        help="a .safetensors file of train-valence or train-valence-head (default: what ships with the model)",
    )
    parser.add_argument(
        "--model", default="compact", help="what ships (compact, small), or a .safetensors file of train or train-head"
    )
    parser.add_argument(
        "--causal", action="store_true", help="the LSTM that looks at no later frame, in place of the BiLSTM"
    )
    parser.add_argument("--head", default="auto", help="none: every frame by itself, without a temporal head")
    parser.add_argument("--detector", default="auto", help="auto, yunet, haar, pico or mtcnn")
    parser.add_argument(
        "--detector-weights", default="", metavar="FILE", help="the detector's file, where it needs one"
    )
    parser.add_argument(
        "--detect-hz", type=float, default=4.0, help="searches for faces per second where nothing happens (default: 4)"
    )
    parser.add_argument(
        "--encode-hz",
        type=float,
        default=4.0,
        help="times per second a face is encoded at least, twice as often where it changes (default: 4; 0: on every frame)",
    )
    parser.add_argument(
        "--precision", default="auto", help="of the encoder: fp32, bf16, or auto (bf16 where the processor has it)"
    )
    parser.add_argument(
        "--runtime",
        default="auto",
        help="of the encoder: torch, onnx (pip install seqfer[onnx]), or auto (onnx where it is there and the precision fp32)",
    )
    parser.add_argument(
        "--max-gap",
        type=float,
        default=1.0,
        metavar="S",
        help="seconds a face may be away and keep its number (default: 1)",
    )
    parser.add_argument("--fps", type=float, default=0.0, help="analyse so many frames per second (default: 0, all)")
    parser.add_argument(
        "--folder-fps", type=float, default=25.0, help="rate at which the pictures of a folder were taken (default: 25)"
    )
    parser.add_argument(
        "--start",
        type=float,
        default=0.0,
        metavar="S",
        help="begin at this second of the film's own clock (default: 0)",
    )
    parser.add_argument(
        "--end",
        type=float,
        default=0.0,
        metavar="S",
        help="stop at this second of the film's own clock (default: 0, its end)",
    )
    parser.add_argument("--format", default="", metavar="LIST", help="more files: elan, webvtt, or both with a comma")
    parser.add_argument(
        "--overlay",
        action="store_true",
        help="also write overlay.mp4, the film with boxes, names and emotions, and its sound",
    )
    parser.add_argument("--no-faces", action="store_true", help="no picture of a face in the report")
    parser.add_argument("--jobs", type=int, default=1, help="films at the same time (0: one per core)")
    parser.add_argument(
        "--resume", action="store_true", help="go on with what was killed; finished films are left alone"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on screen")


def run(args: argparse.Namespace) -> int:
    """Annotate one film or many; of many, one that fails does not stop the rest."""
    from seqfer.film.many import annotate_all, folders_for
    from seqfer.film.settings import AnnotateSettings, OutputOptions

    settings = AnnotateSettings(
        model=args.model,
        head=args.head,
        causal=args.causal,
        valence=args.valence,
        valence_method=args.valence_method,
        valence_model=args.valence_model,
        detector=args.detector,
        detector_weights=args.detector_weights,
        fps=args.fps,
        start_s=args.start,
        end_s=args.end,
        detect_hz=args.detect_hz,
        encode_hz=args.encode_hz,
        precision=args.precision,
        runtime=args.runtime,
        max_gap_s=args.max_gap,
        folder_fps=args.folder_fps,
    )
    formats = tuple(name.strip() for name in args.format.split(",") if name.strip())
    command = "seqfer " + " ".join(_quoted(word) for word in sys.argv[1:])
    wanted = OutputOptions(not args.no_faces, args.overlay, formats, command)
    folders = folders_for(args.films, args.out)
    results = annotate_all(folders, settings, wanted, jobs=args.jobs, resume=args.resume, quiet=args.quiet)
    for line in _lines(results):
        print(_printable(line), flush=True)
    failed = [result for result in results if result["problem"]]
    if failed and len(results) == 1:
        print(f"seqfer annotate-video: {failed[0]['problem']}", file=sys.stderr)
    return 2 if failed else 0


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)


def _lines(results: list[dict[str, Any]]) -> list[str]:
    if len(results) == 1:
        return [_told(results[0])] if results[0]["summary"] else []
    width = max(len(result["film"]) for result in results)
    return [f"{r['film']:<{width}}  {_told(r) if r['summary'] else 'failed'}{_why(r)}" for r in results]


def _told(result: dict[str, Any]) -> str:
    from seqfer.runs.names import REPORT_HTML

    s = result["summary"]
    without = s["rows_without_face"]
    faces = "no face" if not s["faces"] else "1 face" if s["faces"] == 1 else f"{s['faces']} faces"
    seen = f", {without} without a face" if without and s["faces"] else ""
    speed = s["speed"]["frames_per_second"]
    rate = f", {speed:.0f} frames/s" if speed else ""
    damaged = f", {s['damaged_packets']} damaged" if s.get("damaged_packets") else ""
    partial = "partial: " if s["partial"] else ""
    frames = "1 frame" if s["analysed"] == 1 else f"{s['analysed']} frames"
    return f"{partial}{frames}{damaged}, {faces}{seen}{rate}: {Path(result['out']) / REPORT_HTML}"


def _why(result: dict[str, Any]) -> str:
    return f" ({result['problem']})" if result["problem"] else ""


def _printable(line: str) -> str:
    """On one line, and in letters that the terminal takes: a file's name may hold anything."""
    taken = getattr(sys.stdout, "encoding", None) or "utf-8"
    return " ".join(line.splitlines()).encode(taken, "backslashreplace").decode(taken)
