"""`make demo-study`: draws six participants who watch two stimuli with known valence, plays three raters through the rating page, and reports.

    python tools/demo_study.py [--out FOLDER]

Writes into the folder (default: runs/demo-study, or the next free runs/demo-study-2, ...) the recordings, study.toml, ratings/, results/ and report/:
open report/report.html. The raters are simulated: the known valence, later by a delay of each rater's own, with noise. Where Playwright and Chromium
are installed they move a synthetic gamepad on the page, three pages at once, as long as the videos last; else they send the same samples as the page
would, without waiting.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

import seqfer
from seqfer.core.errors import InputError, SeqferError
from seqfer.posed import Episode, PosedFilm, posed_frames
from seqfer.runs.folder import default_folder
from seqfer.runs.progress import ProgressBar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))  # the browser and the client of the tests

RATE_HZ = 20.0  # of the raters' samples
DEAD_ZONE = 0.05  # of the page's gamepad, which the simulated hand takes into account
OFFSETS_S = (0.0, 1.0)  # of the recordings of odd and even participants: how long before the stimulus they begin
STIMULI = {  # expressions by second of the stimulus: begin, end, which, how strong
    "comedy": (Episode(1, 6, "happiness", 0.9), Episode(8, 11, "anger", 0.9), Episode(13, 19, "happiness", 1.0)),
    "drama": (Episode(2, 7, "sadness", 1.0), Episode(9, 13, "fear", 0.8), Episode(14, 19, "sadness", 0.9)),
}


@dataclass(frozen=True)
class Rater:
    """A simulated rater: the name, the delay in seconds, the standard deviation of the noise, and its seed."""

    name: str
    delay_s: float
    noise: float
    seed: int


RATERS = (Rater("ann", 0.5, 0.04, 1), Rater("ben", 1.0, 0.06, 2), Rater("cat", 1.5, 0.05, 3))


@dataclass(frozen=True)
class DemoStudy:
    """What is drawn: how many participants, which of STIMULI, seconds of each stimulus, and the raters."""

    participants: int = 6
    stimuli: tuple[str, ...] = tuple(STIMULI)
    seconds: float = 20.0
    raters: tuple[Rater, ...] = RATERS
    fps: float = 12.5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="an empty or new folder")
    out = parser.parse_args().out or default_folder("demo-study", resume=False)
    started = time.monotonic()
    try:
        if out.exists() and not (out.is_dir() and not any(out.iterdir())):
            raise InputError(f"{out} exists and is not an empty folder; give another --out")
        demo = DemoStudy()
        known = draw(demo, out)
        study = seqfer.open_study(out / "study.toml", browser=False, port=0, lag="estimate", max_lag_s=3.0, every_s=2.0)
        how = rate(demo, study, known)
        study.run()
        report = study.report()
    except SeqferError as error:
        print(f"make demo-study: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"make demo-study: interrupted; {out} holds what was finished", file=sys.stderr)
        return 130
    print("\n".join([str(report), *truth_lines(demo, report, known), f"The raters used {how}."]))
    print(f"Report: {study.out / 'report.html'}\nThe demo took {time.monotonic() - started:.0f} s.")
    return 0


def draw(demo: DemoStudy, out: Path) -> dict[str, np.ndarray]:
    """The recordings and study.toml; returns the true valence of each recording at every frame."""
    out.mkdir(parents=True, exist_ok=True)
    known = dict[str, np.ndarray]()
    lines = ['title = "Drawn participants"', f"raters = {json.dumps([rater.name for rater in demo.raters])}"]
    lines += ["[rating]\ncountdown_s = 0\nbreak_s = 0.0\nsound = false"]
    lines += [f'[[stimulus]]\nname = "{name}"' for name in demo.stimuli]
    for person in range(1, demo.participants + 1):
        lines.append(f'[[participant]]\nname = "P{person:02d}"\ngroup = "{"odd" if person % 2 else "even"}"')
    with ProgressBar(demo.participants * len(demo.stimuli), "recordings drawn") as bar:
        for person in range(1, demo.participants + 1):
            for stimulus in demo.stimuli:
                name, offset_s = f"P{person:02d}-{stimulus}", OFFSETS_S[(person + 1) % 2]
                script = tuple(
                    Episode(one.start_s + offset_s, one.end_s + offset_s, one.expression, one.level)
                    for one in STIMULI[stimulus]
                    if one.end_s <= demo.seconds
                )
                film = PosedFilm(
                    (person,), demo.seconds + offset_s, seed=person, size=(320, 240), fps=demo.fps, script=script
                )
                known[name] = write_recording(out / "recordings" / f"{name}.webm", film)
                lines.append(
                    f'[[recording]]\nparticipant = "P{person:02d}"\nstimulus = "{stimulus}"\n'
                    f'video = "recordings/{name}.webm"\noffset_s = {offset_s}'
                )
                bar.step(name)
    (out / "study.toml").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return known


def write_recording(path: Path, film: PosedFilm) -> np.ndarray:
    """The video as VP8 in WebM, which every build of Chromium plays; returns the true valence (frame,)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    valence = list[float]()
    rate = Fraction(film.fps).limit_denominator(1000)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(
            "libvpx", rate=rate, options={"deadline": "realtime", "cpu-used": "8", "b": "1M"}
        )
        stream.width, stream.height, stream.pix_fmt = *film.size, "yuv420p"
        stream.time_base = 1 / rate
        for _, picture, faces in posed_frames(film):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            valence.append(faces[0].valence)
        container.mux(stream.encode())
    return np.array(valence)


def hand(rater: Rater, name: str, valence: np.ndarray, fps: float) -> np.ndarray:
    """What the rater shows at 20 Hz: the valence of `delay_s` ago (0 before), smoothed as a hand is, with slow noise."""
    times = np.arange(math.floor(len(valence) / fps * RATE_HZ) + 1) / RATE_HZ
    seen = np.interp(times - rater.delay_s, np.arange(len(valence)) / fps, valence, left=0.0)
    rng = np.random.default_rng([rater.seed, *name.encode()])
    noise = np.convolve(rng.normal(size=len(times) + 9), np.ones(10) / math.sqrt(10), mode="valid")
    return np.clip(seen + rater.noise * noise, -1, 1)


def rate(demo: DemoStudy, study: seqfer.Study, known: Mapping[str, np.ndarray]) -> str:
    """Let all raters rate all recordings; returns in words how."""
    hands = {
        rater.name: {name: hand(rater, name, valence, demo.fps).tolist() for name, valence in known.items()}
        for rater in demo.raters
    }
    with study.rate() as server:
        try:
            from browser import CHROMIUM
            from playwright.sync_api import sync_playwright
        except ImportError:
            CHROMIUM = None  # noqa: N806
        if CHROMIUM is None:
            send_all(server.rater_links, hands)
            return "the WebSocket without a browser"
        from browser_pages import FLAGS

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            try:
                play_all(browser, server.rater_links, hands)
            finally:
                browser.close()
    return "the page in Chromium, with a synthetic gamepad"


GAMEPAD = """
  const hands = HANDS, zone = ZONE;
  const value = () => {
    const video = document.getElementById("video");
    const hand = hands[decodeURIComponent((video?.currentSrc ?? "").split("/").pop())];
    if (!hand) return 0;
    const at = Math.min(video.currentTime * RATE, hand.length - 1), before = Math.floor(at);
    const after = Math.min(before + 1, hand.length - 1);
    const wanted = hand[before] + (at - before) * (hand[after] - hand[before]);
    return Math.sign(wanted) * (Math.abs(wanted) * (1 - zone) + zone);
  };
  navigator.getGamepads = () => [{ connected: true, timestamp: performance.now(), id: "simulated", axes: [0, -value()] }];
"""
BUTTONS = ("#name button", "#instructions button", "#ready-start", "#break-next")


def play_all(browser: Any, links: Mapping[str, str], hands: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    """Every rater opens their own link, and rates all recordings at the same time as the others."""
    total = sum(len(hand) / RATE_HZ for hand in next(iter(hands.values())).values())
    pages = {}
    for name, link in links.items():
        pages[name] = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        script = (
            GAMEPAD.replace("HANDS", json.dumps(hands[name]))
            .replace("ZONE", str(DEAD_ZONE))
            .replace("RATE", str(RATE_HZ))
        )
        pages[name].add_init_script(script)
        pages[name].goto(link)
    until = time.monotonic() + 120 + 5 * total
    waiting = set(pages)
    with ProgressBar(round(total), "seconds rated") as bar:
        started = time.monotonic()
        while waiting:
            if time.monotonic() > until:
                raise InputError(
                    f"the pages of {', '.join(sorted(waiting))} did not finish; run it again on an idle machine"
                )
            waiting = {name for name in waiting if not advance(pages[name])}
            bar.advance(min(round(total), round(time.monotonic() - started)), "rated")
            time.sleep(0.1)


def advance(page: Any) -> bool:
    """Press the button that the page waits for, if any; returns whether the session is over."""
    if page.is_visible("#done"):
        return True
    if page.is_visible("#input"):
        page.check("input[value=gamepad]")
        page.click("#input button.main")
        return False
    for button in BUTTONS:
        if page.is_visible(button) and page.is_enabled(button):
            page.click(button)
            break
    return False


def send_all(links: Mapping[str, str], hands: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    """The same samples over the connection of the page, without a browser and without waiting."""
    from rating_client import RatingClient, begin, hear, tell

    for rater, link in links.items():
        client = RatingClient(link)
        for name, values in hands[rater].items():
            with client.socket() as socket:
                begin(socket, name, rater)
                samples = [[k / RATE_HZ, value] for k, value in enumerate(values[:-1])]
                for first in range(0, len(samples), 1000):
                    tell(socket, samples=samples[first : first + 1000], upto=first // 1000 + 1)
                tell(socket, finish=True, dropped=0)
                while "finished" not in hear(socket):
                    pass


def truth_lines(demo: DemoStudy, report: seqfer.StudyComparison, known: Mapping[str, np.ndarray]) -> list[str]:
    """What is known of the drawing beside what the report says."""
    lines = [
        "Known of the drawing: delays of the raters "
        + ", ".join(f"{one.name} {one.delay_s:g} s" for one in demo.raters)
    ]
    table = report.series
    for source in ("raters", "model"):
        differences = []
        for name, valence in known.items():
            participant, stimulus = name.split("-")
            rows = table[(table.source == source) & (table.participant == participant) & (table.stimulus == stimulus)]
            offset_s = next(one.offset_s for one in report.record.recordings if one.name == name)
            true = true_seconds(valence, demo.fps, offset_s)[: len(rows)]
            differences += list(rows.valence.to_numpy()[: len(true)] - true)
        lines.append(f"Valence {source} against the drawing: RMSE {np.sqrt(np.nanmean(np.square(differences))):.3f}")
    return [
        *lines,
        "The figures test that studies are put together correctly; they are no measure of accuracy on real people.",
    ]


def true_seconds(valence: np.ndarray, fps: float, offset_s: float) -> np.ndarray:
    """Means over whole seconds of the stimulus (second,) of the true valence (frame,)."""
    second = np.floor(np.arange(len(valence)) / fps - offset_s + 1e-9).astype(int)
    return np.array([valence[second == k].mean() for k in range(second.max() + 1)])


if __name__ == "__main__":
    sys.exit(main())
