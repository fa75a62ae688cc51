"""The demo of a study, small: raters who are known are played through the real page, and the report says what is known of them."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM

import seqfer

TOOL = Path(__file__).resolve().parents[2] / "tools" / "demo_study.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("demo_study", TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo_study"] = module
    spec.loader.exec_module(module)
    return module


def small(tool):
    raters = (tool.Rater("ann", 0.5, 0.02, 1), tool.Rater("ben", 1.0, 0.02, 2))
    return tool.DemoStudy(participants=2, stimuli=("comedy",), seconds=8.0, raters=raters)


def check(tool, demo, out, play):
    """Ratings and report of a small study against what is known."""
    known = tool.draw(demo, out)
    study = seqfer.open_study(out / "study.toml", browser=False, port=0, progress=False)
    play(demo, study, known)
    assert (study.status()[["ann", "ben"]] == "done").all(axis=None)
    assert [one.problem for one in study.run()] == [None, None]
    report = study.report()
    hands = {
        name: np.stack([tool.hand(rater, name, valence, demo.fps) for rater in demo.raters]).mean(axis=0)
        for name, valence in known.items()
    }
    rated = report.series[report.series.source == "raters"]
    model = report.series[report.series.source == "model"]
    errors = []
    for one in report.record.recordings:
        seconds = tool.true_seconds(hands[one.name], tool.RATE_HZ, one.offset_s)
        mine = rated[rated.participant == one.participant].valence.to_numpy()
        # the page shows what the hands do
        assert np.abs(mine[: int(demo.seconds)] - seconds[: int(demo.seconds)]).max() < 0.05
        predicted = model[model.participant == one.participant].valence.to_numpy()[: int(demo.seconds)]
        errors.append(np.sqrt(np.nanmean((predicted - seconds[: len(predicted)]) ** 2)))
    (overall,) = [one for one in report.record.figures if one.by == "all"]
    assert overall.recordings == 2
    assert overall.mean["rmse"] == pytest.approx(
        np.mean(errors), abs=0.03
    )  # of the whole recording, and of the stimulus
    source = next(one for one in report.record.stimuli[0].sources if one.source == "raters")
    assert source.participants == ("P01", "P02")
    assert source.mean_correlation > 0.8  # the stimulus is the same for both
    assert (report.folder / "report.html").is_file()
    return report


def test_raters_on_the_real_page(tool, tmp_path):
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    check(tool, small(tool), tmp_path, lambda *study: tool.rate(*study))


def test_raters_without_a_browser(tool, tmp_path):
    def send(demo, study, known):
        hands = {r.name: {n: tool.hand(r, n, v, demo.fps).tolist() for n, v in known.items()} for r in demo.raters}
        with study.rate() as server:
            tool.send_all(server.rater_links, hands)

    check(tool, small(tool), tmp_path, send)
