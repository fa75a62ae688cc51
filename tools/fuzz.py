"""Gives hostile files to every reader of seqfer and counts what goes wrong: `make fuzz`, or `tools/fuzz.py --minutes 5 --kinds videos,weights`.

Seeds are files that seqfer or FFmpeg writes from drawn content; each input is one of them with changed bytes or values. Right is: the file is read,
or refused by one line of seqfer's own. Counted as wrong: any other exception (`tracebacks`), more than HANG_S seconds (`hangs`), more than 2 GB of
memory (`over 2 GB`), and content that was accepted although it cannot be right (`wrong`: probabilities that do not add up to 1, rates outside 0 to 1,
frames that are lost without a word). Inputs that went wrong are kept in `--keep`. The numbers in docs/results.md come from here.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

MOST_LETTERS = 6100  # of a message
HANG_S, MOST_BYTES, ADDRESS_SPACE = 30, 2 << 30, 24 << 30
NASTY: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, -1.5, 0.5, 1e308, -1e308, 10**9, 10**30, math.nan, math.inf, -math.inf),
    *(
        "",
        " ",
        "x" * 10_000,
        "\ud800",
        "\udcff",
        "a\x1b[2J\x07\u202e\nb",
        "\0",
        "os.path",
        "antigravity.x",
        "../../etc/passwd",
    ),
    *(
        "/dev/zero",
        "/dev/stdin",
        "/",
        "~",
        "http://127.0.0.1:9/x",
        "concat:a|b",
        "=cmd|' /C calc'!A0",
        "1_0",
        "nan",
        "\u0663",
    ),
    *([], {}, [[]], [None], ["anger"] * 20, [0.5] * 1000, {"a": {"b": {}}}, [1, "2", None, {}]),
)
TOKENS = (
    b"\0",
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\0\1",
    b"1e999",
    b"-1",
    b"NaN",
    b"\n",
    b'"',
    b"[" * 70,
    b"#",
)


class WrongError(Exception):
    """Content that was accepted although it cannot be right."""


@dataclass
class Counts:
    """What became of the inputs of one kind."""

    kind: str
    inputs: int = 0
    read: int = 0
    refused: int = 0
    wrong: int = 0
    tracebacks: int = 0
    hangs: int = 0
    over_2_gb: int = 0
    seconds: float = 0.0
    first: list[str] = field(default_factory=list)


def mutated_bytes(data: bytes, draw: random.Random) -> bytes:
    """The data with one to eight changes: flipped bits, tokens, lost, repeated and moved parts."""
    out = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 4, 8))):
        if not out:
            return b""
        # headers are at the beginning and at the end
        at = draw.choice(
            (
                draw.randrange(len(out)),
                draw.randrange(min(len(out), 400)),
                len(out) - 1 - draw.randrange(min(len(out), 400)),
            )
        )
        how, size = draw.randrange(7), draw.choice((1, 4, 16, 300, len(out) // 3))
        if how == 0:
            out[at] ^= 1 << draw.randrange(8)
        elif how == 1:
            out[at] = draw.randrange(256)
        elif how == 2:
            token = draw.choice(TOKENS)
            out[at : at + len(token)] = token
        elif how == 3:
            del out[at : at + size]
        elif how == 4:
            out[at:at] = out[at : at + size]
        elif how == 5:
            out[at : at + size] = bytes(min(size, len(out) - at))
        else:
            del out[max(1, at) :]
    return bytes(out)


def nasty(draw: random.Random) -> Any:
    """A value that no reader expects; a copy, because later changes may be inside it."""
    return copy.deepcopy(draw.choice(NASTY))


def places(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """(container, key) of every value inside, down to a depth of 20."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list) and value[key] and depth < 20:
            yield from places(value[key], depth + 1)


def mutated_value(value: Any, draw: random.Random) -> Any:
    """A copy of nested plain values in which one to three are others, missing, or too many."""
    out = json.loads(json.dumps(value))
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        found = list(places(out))
        if not found:
            return nasty(draw)
        inside, key = draw.choice(found)
        how = draw.randrange(12)
        if how == 0 and isinstance(inside, dict):
            del inside[key]
        elif how == 1 and isinstance(inside, dict):
            inside[draw.choice(("unknown", "\x1b[2J", "__proto__", "encoder"))] = nasty(draw)
        elif how == 2:
            deep: Any = 1
            for _ in range(draw.choice((70, 3000))):
                deep = [deep]
            inside[key] = deep if draw.random() < 0.2 else [inside[key]]
        elif how == 3 and isinstance(inside[key], int | float) and not isinstance(inside[key], bool):
            inside[key] = draw.choice((-inside[key], inside[key] * 1e6, inside[key] + 0.5, str(inside[key])))
        else:
            inside[key] = nasty(draw)
    return out


def dumped(value: Any) -> str:
    """JSON of any depth: `json.dumps` itself would not write what is nested deeply."""
    try:
        return json.dumps(value)
    except RecursionError:
        return '{"a": ' + "[" * 5000 + "]" * 5000 + "}"


# Each kind: makes its seeds in a folder once, then gives an input and reads it. A reader raises SeqferError for what it refuses.
Reader = Callable[[Path, random.Random], None]


def weights(folder: Path) -> Reader:
    """Encoders, temporal heads and a layer of valence; changed in their meta or in their bytes."""
    import torch
    from tiny_models import film_model, stills

    from seqfer import models
    from seqfer.core.rated_valence import LEVEL_NAMES
    from seqfer.experiments.ensemble.file import load_ensemble
    from seqfer.models.valence_model import save_levels
    from seqfer.models.weights import load_tensors, read_encoder, save_tensors

    head, _, _ = film_model(folder)
    encoder, meta = read_encoder("compact")
    save_levels(
        folder / "levels.safetensors", torch.nn.Linear(encoder.output_layer.in_features, len(LEVEL_NAMES)), meta, {}
    )
    save_tensors(
        folder / "ensemble.safetensors",
        {"weights": torch.ones(1)},
        {
            "seqfer_ensemble": 2,
            "members": [{"name": str(folder / "encoder.safetensors"), "encoder": "tiny", "sha256": "0" * 64}],
            "classes": ["anger", "fear"],
            "regressions": {"stacking": {"one_vs_rest": False, "strength": 1.0, "chosen": True, "converged": True}},
            "mirror": False,
            "about": {},
        },
    )
    seeds = [head, folder / "encoder.safetensors", folder / "levels.safetensors", folder / "ensemble.safetensors"]
    contents = [(path.read_bytes(), load_tensors(path)) for path in seeds]

    def read(work: Path, draw: random.Random) -> None:
        file = work / "a.safetensors"
        data, (tensors, known) = draw.choice(contents)
        if draw.random() < 0.7:
            text = dumped(mutated_value(known, draw))
            file.write_bytes(data)
            save_with_meta(file, tensors, text)
        else:
            file.write_bytes(mutated_bytes(data, draw))
        kind = draw.choice(("auto", "auto", "video", "image", "valence", "ensemble"))
        if kind == "ensemble":
            load_ensemble(file)
            return
        opened = models.open(file, kind=kind)  # type: ignore[call-overload]
        if hasattr(opened, "predict") and opened.input_size == 24:
            shares = opened.predict(stills(2, 24))
            if not (abs(shares.sum(1) - 1) < 1e-6).all() or tuple(shares.shape) != (2, len(opened.classes)):
                raise WrongError(f"probabilities {shares}")

    return read


def save_with_meta(file: Path, tensors: Any, text: str) -> None:
    """A safetensors file whose meta is a text that need not be JSON of an object."""
    from safetensors.torch import save

    file.write_bytes(save(tensors, metadata={"seqfer": text.encode("utf-8", "backslashreplace").decode()}))


def manifests(folder: Path) -> Reader:
    """A manifest of drawn clips, changed in a value of a line or in its bytes; its content is hashed and its first clips are loaded."""
    from mock_corpus import write_mock

    from seqfer.corpus.faces import load_clip_faces
    from seqfer.corpus.manifest import manifest_line, read_manifest

    seed = write_mock(folder, people=3)
    clip = read_manifest(seed).clips[0]
    lines = seed.read_text().splitlines()
    rated = json.loads(manifest_line(clip)) | {
        "clip": "rated",
        "boxes_xyxy_px": [[0.0, 0.0, 20.0, 20.0]] * len(clip.frames),
        "valence": [0.5] * len(clip.frames),
        "votes": [1.0] * 8,
        "attributes": {"sex": "f"},
        "split": "train",
    }
    lines.append(json.dumps(rated))

    def read(work: Path, draw: random.Random) -> None:
        file = work / "a.jsonl"
        if draw.random() < 0.7:
            changed, at = list(lines), draw.choice((0, draw.randrange(len(lines)), len(lines) - 1))
            changed[at] = dumped(mutated_value(json.loads(lines[at]), draw))
            file.write_text("\n".join(changed), encoding="utf-8", errors="surrogatepass")
        else:
            file.write_bytes(mutated_bytes("\n".join(lines).encode(), draw))
        shutil.copy(folder / "mock.npy", work / "mock.npy")
        manifest = read_manifest(file)
        manifest.checksum()
        for one in (manifest.clips[0], manifest.clips[-1]):
            faces = load_clip_faces(manifest, one, 24)
            if faces.shape != (len(one.frames), 24, 24):
                raise WrongError(f"faces of shape {faces.shape}")

    return read


def settings(folder: Path) -> Reader:
    """TOML files and the settings.json of runs, of five commands."""
    from seqfer.core.settings import as_dict
    from seqfer.core.settings_files import read_settings, saved_settings
    from seqfer.experiments.crossval.settings import CvSettings
    from seqfer.experiments.stress.settings import StressSettings
    from seqfer.film.settings import AnnotateVideoSettings
    from seqfer.raters.settings import EvaluateTraceSettings
    from seqfer.training.settings import TrainSettings

    known: list[tuple[type, dict[str, Any]]] = []
    for cls, given in (
        (CvSettings, {}),
        (AnnotateVideoSettings, {}),
        (TrainSettings, {"data": "a.jsonl"}),
        (StressSettings, {"model": "compact", "data": "a.jsonl"}),
        (EvaluateTraceSettings, {}),
    ):
        known.append((cls, as_dict(read_settings(cls, overrides=[given]))))

    def read(work: Path, draw: random.Random) -> None:
        cls, values = draw.choice(known)
        changed = mutated_value(values, draw)
        if draw.random() < 0.5:
            (work / "settings.json").write_text(dumped(changed), encoding="utf-8", errors="surrogatepass")
            made = read_settings(cls, base=saved_settings(work))
        else:
            text = toml(changed) if isinstance(changed, dict) else str(changed)
            data = text.encode("utf-8", "surrogatepass")
            (work / "a.toml").write_bytes(mutated_bytes(data, draw) if draw.random() < 0.5 else data)
            made = read_settings(cls, work / "a.toml")
        if as_dict(read_settings(cls, base=as_dict(made))) != as_dict(made):
            raise WrongError("settings change when they are read again")

    return read


def toml(values: dict[str, Any], prefix: str = "") -> str:
    """Plain values as TOML, tables after the values; what TOML has no form for is written as in Python."""
    lines = [f"{json.dumps(k)} = {dumped(v)}" for k, v in values.items() if not isinstance(v, dict)]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += [f"[{prefix}{json.dumps(key)}]", toml(value, f"{prefix}{json.dumps(key)}.")]
    return "\n".join(lines)


def records(folder: Path) -> Reader:
    """Run folders of others, as `seqfer leaderboard`, `compare` and the Python API read them."""
    from seqfer.experiments.leaderboard import cost_of, networks_of, ranked, reasons
    from seqfer.experiments.leaderboard_runs import read_runs
    from seqfer.raters.calibration import read_calibration
    from seqfer.results.annotation import read_annotation
    from seqfer.runs.finished import finished_runs

    seeds = sorted((ROOT / "tests" / "runs" / "before").iterdir())

    def read(work: Path, draw: random.Random) -> None:
        seed = draw.choice(seeds)
        run = work / "run"
        shutil.copytree(seed, run)
        file = draw.choice(sorted(run.glob("*.json")))
        if draw.random() < 0.8:
            file.write_text(
                dumped(mutated_value(json.loads(file.read_text()), draw)), encoding="utf-8", errors="surrogatepass"
            )
        else:
            file.write_bytes(mutated_bytes(file.read_bytes(), draw))
        if (run / "calibration.json").exists():
            read_calibration(run / "calibration.json")
        if (run / "summary.json").exists() and draw.random() < 0.5:
            read_annotation(run)
        finished_runs(run)
        groups = read_runs([run])
        reasons(groups)
        for rows in groups.values():
            for row in ranked(rows, "error"):
                if not (math.isnan(row.error) or -1e-6 <= row.error <= 1 + 1e-6):
                    raise WrongError(f"error {row.error}")
        if draw.random() < 0.05:
            for network in networks_of(groups)[:2]:
                cost_of(network)

    return read


def traces(folder: Path) -> Reader:
    """Annotation files of CARMA, DARMA, ELAN, plain tables and run folders."""
    import trace_files
    from drawn_traces import wave, write_rater, write_run

    from seqfer.traces.reading import read_traces

    values = [0.1, 0.2, -0.3, 0.4] * 5
    texts = [
        trace_files.carma_2014(values),
        trace_files.carma_2021(values),
        trace_files.eaf(),
        write_rater(folder / "a.csv", wave(), seconds=5).read_text(),
    ]
    write_run(folder / "run", wave())
    texts += [path.read_text() for path in sorted((folder / "run").glob("*.csv"))]

    def read(work: Path, draw: random.Random) -> None:
        text = draw.choice(texts)
        file = work / draw.choice(("a.csv", "a.eaf", "a.txt", "a.tsv", "valence_1hz.csv"))
        if draw.random() < 0.5:
            file.write_bytes(mutated_bytes(text.encode(), draw))
        else:
            lines = text.split("\n")
            for _ in range(draw.choice((1, 2, 5))):
                at = draw.randrange(len(lines))
                cells = lines[at].split(",")
                cells[draw.randrange(len(cells))] = str(nasty(draw))
                lines[at] = ",".join(cells)
            file.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
        for trace in read_traces(file):
            if len(trace.values) != len(trace.start_s) or (abs(trace.values) > 1).any():
                raise WrongError("values outside [-1, 1], or times of another length")

    return read


def pictures(folder: Path) -> Reader:
    """Small pictures of every format, mostly changed in their header."""
    import cv2
    import numpy as np

    from seqfer.video.images import read_image
    from seqfer.video.picture_size import stated_size

    rng = np.random.default_rng(0)
    grey, rgb = rng.integers(0, 256, (40, 50), np.uint8), rng.integers(0, 256, (40, 50, 3), np.uint8)
    seeds = [
        cv2.imencode(suffix, p)[1].tobytes()
        for suffix in (".png", ".jpg", ".bmp", ".tif", ".webp")
        for p in (grey, rgb)
    ]
    seeds += [
        cv2.imencode(".pgm", grey)[1].tobytes(),
        cv2.imencode(".ppm", rgb)[1].tobytes(),
        cv2.imencode(".gif", rgb)[1].tobytes(),
    ]
    seeds += [
        cv2.imencode(".tif", rgb.astype(np.uint16) << 8)[1].tobytes(),
        cv2.imencode(".png", rgb.astype(np.uint16) << 8)[1].tobytes(),
    ]

    def read(work: Path, draw: random.Random) -> None:
        data = bytearray(draw.choice(seeds))
        if draw.random() < 0.5:  # large numbers where formats keep sizes
            at = draw.choice((4, 6, 8, 16, 18, 20, 22, 24, 26, len(data) - draw.randrange(4, 200)))
            data[at : at + 4] = draw.choice(
                (b"\xff\xff\xff\x7f", b"\0\0\xff\xff", b"\x7d\0\x7d\0", b"\0\0\x7d\0", b"\0\x7d\0\0")
            )
        else:
            data = bytearray(mutated_bytes(bytes(data), draw))
        file = work / "a.png"
        file.write_bytes(data)
        picture = read_image(file)
        stated = stated_size(bytes(data))
        if stated is None or picture.shape[0] * picture.shape[1] > 200_000_000:
            raise WrongError(f"a picture of {picture.shape}")

    return read


def videos(folder: Path) -> Reader:
    """Drawn clips with sound in several containers, with changed bytes; every fifth is copied with its sound as the overlay is."""
    from fractions import Fraction

    from video_files import write_film

    from seqfer.video import open_source
    from seqfer.video.random_access import read_at
    from seqfer.video.writing import H264Writer

    seeds = [
        (write_film(folder / "a.mp4", range(20), Fraction(25), sound="aac"), True),
        (write_film(folder / "a.mkv", range(20), Fraction(25), sound="pcm_s16le"), True),
        (write_film(folder / "a.avi", range(20), Fraction(25), codec="mpeg4", sound="libmp3lame"), True),
        (write_film(folder / "a.ts", range(20), Fraction(25), sound="aac"), True),
        (write_film(folder / "b.mkv", range(20), Fraction(25), codec="mjpeg", pix_fmt="yuvj420p"), False),
        (write_film(folder / "a.webm", range(20), Fraction(25), codec="libvpx-vp9"), False),
    ]
    contents = [(path.name, path.read_bytes(), sound) for path, sound in seeds]

    def read(work: Path, draw: random.Random) -> None:
        name, data, sound = draw.choice(contents)
        file = work / name
        file.write_bytes(mutated_bytes(data, draw))
        how = draw.random()
        if how < 0.1:
            read_at(file, [0, 5])
            return
        with open_source(file) as source:
            writer = (
                H264Writer(work / "copy.mp4", source.info.width, source.info.height, 25.0, file)
                if how < 0.4 and sound
                else None
            )
            count = 0
            for frame in source.frames():
                if not math.isfinite(frame.time_s):
                    raise WrongError("a time that is not finite")
                count += 1
                if writer:
                    writer.write(frame.rgb(), frame.time_s)
                elif count < 5:
                    frame.grey()
            if writer:
                writer.close()
            said = source.damaged or source.problem or source.times_filled
            if count < 19 and not said and lost_silently(file, count):
                raise WrongError(f"{count} of 20 frames, and nothing is said")

    return read


def lost_silently(file: Path, count: int) -> bool:
    """Whether FFmpeg's own tool finds more frames than were read: then some were lost; otherwise the changed file has only these."""
    tool = shutil.which("ffprobe")
    if tool is None:
        return False
    asked = [
        tool,
        "-v",
        "quiet",
        "-count_frames",
        "-select_streams",
        "v:0",
        "-show_entries",
        "stream=nb_read_frames",
        "-of",
        "csv=p=0",
    ]
    done = subprocess.run([*asked, f"file:{file}"], capture_output=True, text=True, timeout=HANG_S, check=False)
    found = done.stdout.strip().strip(",")
    return found.isdecimal() and int(found) > count


KINDS: dict[str, Callable[[Path], Reader]] = {
    made.__name__: made for made in (weights, manifests, settings, records, traces, pictures, videos)
}


class _HungError(BaseException):
    pass


@contextmanager
def alarmed(seconds: int) -> Iterator[None]:
    """Raises _HungError in what takes longer."""

    def ring(*_: object) -> None:
        raise _HungError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def peak_bytes() -> int:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def fuzz(kind: str, *, inputs: int, until: float = math.inf, seed: int = 0, keep: Path | None = None) -> Counts:
    """Up to so many inputs of a kind, or until this time of `time.monotonic`; input n depends on the seed and n only."""
    from seqfer.core.errors import SeqferError

    counts, started, grown = Counts(kind), time.monotonic(), peak_bytes()
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "seeds").mkdir()
        read = KINDS[kind](Path(place) / "seeds")
        for number in range(inputs):
            if time.monotonic() > until:
                break
            work = Path(place) / "work"
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            counts.inputs += 1
            problem = ""
            try:
                with alarmed(HANG_S):
                    read(work, random.Random(f"{kind} {seed} {number}"))
                counts.read += 1
            except SeqferError as error:
                from seqfer.core.one_line import one_line

                counts.refused += 1
                if len(one_line(str(error))) > MOST_LETTERS:
                    counts.wrong, problem = counts.wrong + 1, f"a message of {len(str(error))} characters"
            except WrongError as error:
                counts.wrong, problem = counts.wrong + 1, f"wrong: {error}"
            except _HungError:
                counts.hangs, problem = counts.hangs + 1, "hangs"
            except Exception:
                counts.tracebacks, problem = counts.tracebacks + 1, traceback.format_exc()
            if peak_bytes() > max(MOST_BYTES, grown + (100 << 20)):
                counts.over_2_gb, problem, grown = counts.over_2_gb + 1, problem + " over 2 GB", peak_bytes()
            if problem:
                counts.first.append(f"{kind} {seed} {number}: {problem}")
                if keep is not None:
                    shutil.copytree(work, keep / f"{kind}-{seed}-{number}", dirs_exist_ok=True)
    counts.seconds = round(time.monotonic() - started, 1)
    return counts


def main() -> int:
    """Fuzz each kind in a process of its own, so that a crash is counted; prints a table, returns 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="for all kinds together")
    parser.add_argument("--inputs", type=int, default=10**9, help="at most, of each kind")
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"some of {', '.join(KINDS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="folder for the inputs that went wrong")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    kinds = args.kinds.split(",")
    if args.child:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        until = time.monotonic() + 60 * args.minutes
        print(json.dumps(asdict(fuzz(kinds[0], inputs=args.inputs, until=until, seed=args.seed, keep=args.keep))))
        return 0
    print(
        f"{'kind':<10} {'inputs':>8} {'read':>8} {'refused':>8} {'wrong':>6} {'tracebacks':>10} {'hangs':>6} {'> 2 GB':>6} {'seconds':>8}"
    )
    bad = 0
    for kind in kinds:
        command = [sys.executable, __file__, "--child", "--kinds", kind, "--minutes", str(args.minutes / len(kinds))]
        command += [
            "--inputs",
            str(args.inputs),
            "--seed",
            str(args.seed),
            *(["--keep", str(args.keep)] if args.keep else []),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{kind:<10} ended with {done.returncode}: {done.stderr[-500:]}")
            bad += 1
            continue
        found = Counts(**json.loads(done.stdout.splitlines()[-1]))
        problems = found.wrong + found.tracebacks + found.hangs + found.over_2_gb
        bad += problems
        print(
            f"{kind:<10} {found.inputs:>8} {found.read:>8} {found.refused:>8} {found.wrong:>6} {found.tracebacks:>10} {found.hangs:>6} "
            f"{found.over_2_gb:>6} {found.seconds:>8.0f}",
            flush=True,
        )
        for line in found.first[:20]:
            print(line, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
