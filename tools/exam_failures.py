"""Kills runs and damages their files, resumes them, and compares every result with that of an undisturbed run, byte for byte.

    python tools/exam_failures.py [--part kill-annotate,damage-finished] [--count 10] [--seed 0] [--out FOLDER]

The parts and their sizes: kill-annotate 60, kill-cv 30 and kill-train 30 (SIGKILL at random times of `annotate-video`, `cv` and `train`, then the
same command with --resume); damage-finished 60 (a file of a finished folder cut short, with a block of zeros, with one bit changed, empty, deleted,
or with the content of the same file of another run); damage-unfinished 40 (the same of the files of killed runs and of the cache).
Prints a table: inputs tried, wrong results at exit code 0, tracebacks, runs that hang, runs that use more than 2 GB, and refusals in one line, which
are right for what cannot be made again. Times, versions and command lines are not compared. Exit code 1 unless all counts of faults are zero.

All data are drawn. Each run is a forked copy of this process, which has the package imported but computes nothing; so the kills fall into the work
of a run and not into its imports. `annotate-video` computes blocks of 16 frames here instead of 64, so that its short video has more than one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors.numpy import load

from seqfer.cli import command_module, main
from seqfer.core.records import Clip
from seqfer.corpus.manifest import Manifest, classes_of, write_manifest
from seqfer.experiments.clip_plan import read_part_file
from seqfer.film import stream
from seqfer.posed import PosedFilm, write_posed_film
from seqfer.runs.checksums import damaged_files
from seqfer.runs.lock import LOCK
from seqfer.runs.names import CHECKSUMS, PARTS_FOLDER, VERSIONS_JSON

HANGS_S, MOST_MB, BLOCK = 180.0, 2000.0, 16
SIZES = {"kill-annotate": 60, "kill-cv": 30, "kill-train": 30, "damage-finished": 60, "damage-unfinished": 40}
LABELS = ("anger", "happiness", "surprise")
# What a run says of its time, which is not compared: moments, durations, speeds.
TIMES = (
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(\+00:00|Z| UTC)",
    r'"(seconds|frames_per_second)": ?[\d.e+-]+',
    r"<dt>(seconds|frames_per_second)</dt><dd>[^<]*",
    r"<dt>Time</dt><dd>[^<]*",
)
_times = re.compile("|".join(TIMES).encode())


@dataclass(frozen=True)
class Job:
    """A command without its `--out`; `other` is the same command for other data or another seed."""

    name: str
    words: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code (negative: the signal), what it printed, its largest memory in MB, its time, and whether it had to be ended."""

    code: int
    said: str
    peak_mb: float
    seconds: float
    hung: bool = False


@dataclass
class Tally:
    """The counts of one row of the table. `faults` describe each fault."""

    tried: int = 0
    wrong: int = 0
    tracebacks: int = 0
    hangs: int = 0
    over: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, what: str, ended: Ended, differences: Sequence[str]) -> None:
        """Count one input; `differences` are those from the undisturbed run after exit code 0."""
        self.tried += 1
        lines = ended.said.strip().splitlines()
        clean = ended.code == 0 or (ended.code == 2 and lines and lines[-1].startswith("seqfer "))
        found = {
            "wrong": ended.code == 0 and bool(differences),
            "tracebacks": "Traceback" in ended.said or not (clean or ended.hung),
            "hangs": ended.hung,
            "over": ended.peak_mb > MOST_MB,
            "refused": ended.code == 2,
        }
        for name, is_so in found.items():
            setattr(self, name, getattr(self, name) + is_so)
        if any(is_so for name, is_so in found.items() if name != "refused"):
            self.faults.append(f"{what}: exit {ended.code}, {', '.join(differences)}; {ended.said[-600:]}")

    @property
    def bad(self) -> int:
        """The number of faults."""
        return self.wrong + self.tracebacks + self.hangs + self.over


@dataclass
class Exam:
    """The folder of everything, the jobs, random numbers, and the undisturbed folders by job."""

    place: Path
    jobs: dict[str, Job]
    rng: random.Random
    seconds: dict[str, float] = field(default_factory=dict)

    def whole(self, job: Job) -> Path:
        """The folder of the undisturbed run, made on the first call together with that of the other data."""
        folder = self.place / f"{job.name}-whole"
        if job.name not in self.seconds:
            for words, out in ((job.other, self.other(job)), (job.words, folder)):
                ended = run([*words, "--out", str(out)], self.place)
                if ended.code:
                    raise SystemExit(f"{job.name}: the undisturbed run fails: {ended.said}")
            self.seconds[job.name] = ended.seconds
        return folder

    def other(self, job: Job) -> Path:
        """The finished folder of the other data."""
        return self.place / f"{job.name}-other"


def run(words: Sequence[str], place: Path, kill_after_s: float | None = None) -> Ended:
    """One command in a forked process; with `kill_after_s` it is killed then, if it still runs."""
    said = place / "said.txt"
    start = time.monotonic()
    child = os.fork()
    if not child:
        _be_command(words, said)
    limit = HANGS_S if kill_after_s is None else kill_after_s
    while not (ended := os.wait4(child, os.WNOHANG))[0] and time.monotonic() - start < limit:
        time.sleep(0.002)
    late = not ended[0]
    if late:
        try:
            os.killpg(child, signal.SIGKILL)
        except ProcessLookupError:  # it has no group of its own yet
            os.kill(child, signal.SIGKILL)
        ended = os.wait4(child, 0)
    seconds = time.monotonic() - start
    text = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
    code = os.waitstatus_to_exitcode(ended[1])
    return Ended(code, text, ended[2].ru_maxrss / 1024, seconds, late and kill_after_s is None)


def _be_command(words: Sequence[str], said: Path) -> None:
    """In the forked process: the command line, its output in a file, and no return."""
    code = 1
    try:
        os.setsid()
        stream.BLOCK = BLOCK
        with open(said, "wb", buffering=0) as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        code = main(list(words))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def differences(found: Path, right: Path) -> list[str]:
    """The names of files that are missing, left over, or different, and why a checksum is wrong."""
    names = [{p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} for folder in (found, right)]
    kept = {name for name in names[0] if "-changed-" in name}  # what seqfer keeps of a file that somebody changed
    ours, theirs = names[0] - kept - {LOCK}, names[1] - {LOCK}
    result = [f"{name} missing" for name in sorted(theirs - ours)] + [f"{name} left over" for name in ours - theirs]
    for name in sorted(ours & theirs):
        if name == CHECKSUMS:
            result += [f"checksum of {bad}" for bad in damaged_files(found)]
        elif name != VERSIONS_JSON and content(found, name) != content(right, name):
            result.append(f"{name} differs")
    return result


def content(folder: Path, name: str) -> bytes:
    """What is compared of a file: all of it without times, the command line and the name of its folder; of weights, the numbers."""
    data = (folder / name).read_bytes()
    if name.startswith(PARTS_FOLDER) and name.endswith(".json"):
        # its own checksum, which is verified here, is also of its time
        data = json.dumps(read_part_file(folder / name)).encode()
    if name.endswith(".safetensors"):
        return b"".join(key.encode() + value.tobytes() for key, value in sorted(load(data).items()))
    if name.endswith((".json", ".html", ".csv", ".eaf", ".vtt")):
        data = (
            data.replace(b" --resume", b"").replace(os.fsencode(folder), b"OUT").replace(folder.name.encode(), b"OUT")
        )
        return _times.sub(b"TIME", data)
    return data


DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut": lambda data, rng: data[: rng.randrange(len(data))] if data else b"x",
    "zeros": lambda data, rng: _zeros(data, rng.randrange(max(1, len(data)))),
    "bit": lambda data, rng: _flipped(data, rng.randrange(max(1, len(data)))),
    "empty": lambda data, rng: b"",
}


def _zeros(data: bytes, start: int) -> bytes:
    size = min(max(1, len(data) // 3), len(data) - start, 4096)
    return data[:start] + bytes(size) + data[start + size :]


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :] if data else b"\1"


def damage(file: Path, how: str, swapped: Path, rng: random.Random) -> None:
    """Damage a file in one of the ways; `swapped` is the file whose content it gets."""
    if how == "deleted":
        file.unlink()
    elif how == "swapped":
        file.write_bytes(swapped.read_bytes())
    else:
        file.write_bytes(DAMAGES[how](file.read_bytes(), rng))


def kills(exam: Exam, job: Job, count: int, tally: Tally) -> None:
    """Kill a run at random times, resume it, compare."""
    right, out = exam.whole(job), exam.place / f"{job.name}-try"
    done = 0
    while done < count:
        after = exam.rng.uniform(0, exam.seconds[job.name])
        shutil.rmtree(out, ignore_errors=True)
        words = [*job.words, "--out", str(out)]
        if run(words, exam.place, after).code != -signal.SIGKILL:
            continue  # it was faster than the undisturbed run
        done += 1
        begun = out.exists() and any(out.iterdir())
        ended = run([*words, "--resume"] if begun else words, exam.place)
        tally.add(f"{job.name} killed after {after:.2f} s", ended, differences(out, right) if not ended.code else [])
        progress(job.name, done, count)


def progress(what: str, done: int, count: int) -> None:
    """A line on stderr for every tenth input."""
    if done % 10 == 0 or done == count:
        print(f"{what}: {done} of {count}", file=sys.stderr, flush=True)


def damaged_inputs(folder: Path, count: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """(file, damage) of a folder: every file in turn, each time with the next of the ways in a random order."""
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != LOCK)
    pairs = [(file, how) for file in files for how in (*DAMAGES, "deleted", "swapped")]
    rng.shuffle(pairs)
    yield from (pairs * (1 + count // len(pairs)))[:count]


def damages(exam: Exam, job: Job, begun: Path, count: int, tally: Tally) -> None:
    """Damage a file of a copy of the folder `begun`, resume, compare with the undisturbed run."""
    right, out = exam.whole(job), exam.place / f"{job.name}-try"
    for done, (name, how) in enumerate(damaged_inputs(begun, count, exam.rng), 1):
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(begun, out)
        other = exam.other(job) / name
        siblings = sorted(p for p in (out / name).parent.iterdir() if p.suffix == (out / name).suffix)
        damage(out / name, how, other if other.exists() else exam.rng.choice(siblings), exam.rng)
        ended = run([*job.words, "--out", str(out), "--resume"], exam.place)
        what = f"{job.name} {begun.name} {name} {how}"
        tally.add(what, ended, differences(out, right) if not ended.code else [])
        progress(f"{job.name}, damaged", done, count)


def damaged_caches(exam: Exam, job: Job, count: int, tally: Tally) -> None:
    """Damage a cached array and run the whole command again."""
    right, out, cache = exam.whole(job), exam.place / f"{job.name}-try", exam.place / "cache"
    whole = exam.place / "cache-whole"
    shutil.copytree(cache, whole, dirs_exist_ok=True)
    for done, (name, how) in enumerate(damaged_inputs(whole, count, exam.rng), 1):
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(cache)
        shutil.copytree(whole, cache)
        damage(cache / name, how, exam.rng.choice(sorted(whole.rglob("*.npy"))), exam.rng)
        ended = run([*job.words, "--out", str(out)], exam.place)
        tally.add(f"cache {name} {how}", ended, differences(out, right) if not ended.code else [])
        progress("cache, damaged", done, count)


def unfinished(exam: Exam, job: Job, pattern: str) -> Path:
    """The folder of a run that was killed when it had a file of this pattern."""
    out = exam.place / f"{job.name}-unfinished"
    exam.whole(job)
    for share in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0) * 4:
        shutil.rmtree(out, ignore_errors=True)
        ended = run([*job.words, "--out", str(out)], exam.place, share * exam.seconds[job.name])
        if ended.code == -signal.SIGKILL and list(out.glob(pattern)):
            return out
    raise SystemExit(f"{job.name}: no kill left a file {pattern}")


def examine(exam: Exam, part: str, count: int) -> Tally:
    """Run one part."""
    tally, jobs = Tally(), exam.jobs
    if part.startswith("kill-"):
        kills(exam, jobs[part.removeprefix("kill-")], count, tally)
    elif part == "damage-finished":
        for name, share in (("annotate", count - 2 * (count // 5)), ("cv", count // 5), ("train", count // 5)):
            damages(exam, jobs[name], exam.whole(jobs[name]), share, tally)
    else:
        quarter = count // 4
        damages(exam, jobs["annotate"], unfinished(exam, jobs["annotate"], ".work/block-*"), quarter, tally)
        damages(exam, jobs["cv"], unfinished(exam, jobs["cv"], "parts/*.json"), quarter, tally)
        damages(exam, jobs["train"], unfinished(exam, jobs["train"], "checkpoint*"), quarter, tally)
        damaged_caches(exam, jobs["cv"], count - 3 * quarter, tally)
    return tally


def draw(place: Path) -> None:
    """The videos and the manifests of all jobs, in a forked process, because drawing starts threads."""
    child = os.fork()
    if not child:
        try:
            for seed in (1, 2):
                write_posed_film(place / f"film{seed}.mp4", PosedFilm((seed,), 3.0, seed, (240, 180)))
            draw_corpus(place)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise SystemExit("the data cannot be drawn")


def draw_corpus(place: Path) -> None:
    """corpus.jsonl: six people, a clip of four pictures of each class, told by the place of a bright bar; stills.jsonl: single pictures."""
    rng = np.random.default_rng(0)
    pictures: list[np.ndarray] = []
    clips, stills = [], []
    for person in range(6):
        for index, label in enumerate(LABELS):
            frames = rng.normal(80 + 10 * person, 15, (4, 24, 24)).clip(0, 180)
            frames[:, 8 * index : 8 * index + 8] += 70
            refs = tuple(f"drawn.npy#{len(pictures) + at}" for at in range(4))
            pictures += list(frames.astype(np.uint8))
            clips.append(Clip(f"p{person} {label}", f"p{person}", label, refs, "drawn"))
            stills += [Clip(ref, f"p{person}", label, (ref,), "drawn", split="Training") for ref in refs]
    np.save(place / "drawn.npy", np.stack(pictures))
    for name, listed in (("corpus", clips), ("stills", stills)):
        write_manifest(Manifest(name, classes_of(listed), tuple(listed), place), place / f"{name}.jsonl")


def all_jobs(place: Path) -> dict[str, Job]:
    """The three commands, each with settings that take about a second."""
    film = ("--detector", "haar", "--valence", "--overlay", "--formats", "elan,webvtt", "--no-faces", "--quiet")
    cv = "cv --folds 2 --encoder tiny --encoder-weights none --train-encoder --jobs 1 --heads lstm,linear_svm --quiet"
    few = "--set encoder_training.epochs=2 --set encoder_training.precision=fp32 --set head_training.epochs=3"
    train = "train --encoder tiny --quiet --set training.epochs=6 --set training.batch_size=8 --set held_back=0.2"
    cv_words = (*f"{cv} {few}".split(), "--data", str(place / "corpus.jsonl"))
    train_words = (*f"{train} --set training.precision=fp32".split(), "--data", str(place / "stills.jsonl"))
    return {
        "annotate": Job(
            "annotate",
            ("annotate-video", str(place / "film1.mp4"), *film),
            ("annotate-video", str(place / "film2.mp4"), *film),
        ),
        "cv": Job("cv", cv_words, (*cv_words, "--seed", "1")),
        "train": Job("train", train_words, (*train_words, "--seed", "1")),
    }


def import_all() -> None:
    """Import what the commands import when they run, so that a forked process has it."""
    import importlib

    for name in ("annotate-video", "cv", "train"):
        command_module(name)
    for module in (
        "cv2",
        "pyarrow.parquet",
        "sklearn.svm",
        "scipy.stats",
        "seqfer.film.many",
        "seqfer.experiments.crossval.run",
        "seqfer.training.train_encoder",
        "seqfer.report.cv_report",
    ):
        importlib.import_module(module)


def table(tallies: dict[str, Tally]) -> str:
    """The counts, a row for each part."""
    heads = ("kind", "tried", "wrong at exit 0", "tracebacks", "hangs", "over 2 GB", "refused in one line")
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for part, t in tallies.items():
        cells = (part, t.tried, t.wrong, t.tracebacks, t.hangs, t.over, t.refused)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def run_exam() -> int:
    """Parse the command line, run the parts, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default=",".join(SIZES), help="parts to run, with commas between them")
    parser.add_argument("--count", type=int, default=0, help="inputs of each part instead of its own number")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="a new folder for all files; a temporary one by default")
    args = parser.parse_args()
    parts = args.part.split(",")
    if unknown := set(parts) - set(SIZES):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; allowed: {', '.join(SIZES)}")
    import_all()
    with tempfile.TemporaryDirectory() as scratch:
        place = (args.out or Path(scratch)).resolve()
        place.mkdir(parents=True, exist_ok=True)
        os.environ["SEQFER_CACHE"] = str(place / "cache")
        draw(place)
        exam = Exam(place, all_jobs(place), random.Random(args.seed))
        tallies = {part: examine(exam, part, args.count or SIZES[part]) for part in parts}
    for tally in tallies.values():
        for fault in tally.faults:
            print(fault, file=sys.stderr)
    print(table(tallies))
    return int(any(tally.bad for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(run_exam())
