"""The rating page in headless Chromium: whole sessions by joystick, mouse, wheel and keys, and what happens when something fails in the middle."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
from browser_pages import NARROW, WIDE, chromium, new_page, wait_until
from rated_videos import write_rated_video
from rating_client import RatingClient

import seqfer
from seqfer.study.attempts import attempts_of
from seqfer.study.rating_log import read_events, read_samples

SECONDS, AMPLITUDE, PERIOD_S = 5.0, 0.9, 4.0
TIME = "(document.getElementById('video')?.currentTime ?? 0)"
WAVE = f"{AMPLITUDE} * Math.sin(2 * Math.PI / {PERIOD_S} * {TIME})"
GAMEPAD = f"""
  window.pad = {{ connected: true }};
  navigator.getGamepads = () => [{{ connected: window.pad.connected, timestamp: performance.now(), id: "test", axes: [0, -({WAVE})] }}];
"""
MOUSE = f"""
  setInterval(() => {{
    const box = document.querySelector("#play-scale canvas")?.getBoundingClientRect();
    const at = box && {{ pointerType: "mouse", clientX: 5, clientY: box.top + box.height * (1 - {WAVE}) / 2 }};
    if (at) window.dispatchEvent(new PointerEvent("pointermove", at));
  }}, 4);
"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return write_rated_video(tmp_path_factory.mktemp("video") / "clip.webm", SECONDS)


@contextmanager
def served(video, out, **settings):
    given = {"port": 0, "browser": False, "countdown_s": 0, "break_s": 0.0, **settings}
    with seqfer.rate(video, out=out, **given) as server:
        yield server


def to_play(page, link, kind, name="Ann", begin="#ready-start"):
    """Everything up to the start of the first video."""
    page.goto(link)
    page.fill("#rater", name)
    page.click("#name button")
    page.click("#instructions button")
    page.check(f"input[value={kind}]")
    page.click("#input button.main")
    page.click(begin)
    wait_until(page, "document.getElementById('video').currentTime > 0.2")


def to_end(page):
    page.wait_for_selector("#done:not([hidden])", timeout=60_000)
    assert page.problems == []


def samples(out, number=1):
    _, times, values = read_samples(out / "logs" / "clip" / "Ann" / f"attempt-{number}.csv")
    return times, values[:, 0]


def events(out):
    return [event["event"] for event in read_events(out / "logs" / "clip" / "Ann" / "attempt-1.csv")]


def wave(times):
    return AMPLITUDE * np.sin(2 * np.pi / PERIOD_S * times)


def without_dead_zone(values, zone=0.05):
    return np.sign(values) * np.clip((np.abs(values) - zone) / (1 - zone), 0, 1)


def check_trace(times, values, expected):
    """At most 0.02 of the full scale, which is 2, in RMSE, and at most 25 ms in time. A busy machine may miss samples, which are counted."""
    assert len(times) >= 0.5 * 20 * SECONDS
    assert np.sqrt(np.mean((values - expected(times)) ** 2)) <= 0.04
    lags = np.arange(-0.1, 0.101, 0.005)
    errors = [np.mean((values - expected(times + lag)) ** 2) for lag in lags]
    assert abs(lags[int(np.argmin(errors))]) <= 0.025


def test_a_session_with_a_joystick(browser, video, tmp_path):
    with served(video, tmp_path) as server:
        page = new_page(browser)
        page.add_init_script(GAMEPAD)
        to_play(page, server.link, "gamepad")
        assert page.evaluate("location.search") == ""  # the token has left the address
        to_end(page)
    times, values = samples(tmp_path)
    check_trace(times, values, lambda at: without_dead_zone(wave(at)))
    assert np.median(np.diff(times)) == pytest.approx(0.05, abs=0.002)
    (trace,) = np.loadtxt(tmp_path / "ratings/clip/Ann.csv", delimiter=",", skiprows=1, unpack=True)[2:]
    assert len(trace) == SECONDS


def test_a_session_with_the_mouse(browser, video, tmp_path):
    with served(video, tmp_path) as server:
        page = new_page(browser)
        page.add_init_script(MOUSE)
        to_play(page, server.link, "mouse")
        to_end(page)
    check_trace(*samples(tmp_path), wave)


def test_a_session_with_keys_and_pauses_by_the_space_bar(browser, video, tmp_path):
    with served(video, tmp_path) as server:
        page = new_page(browser)
        to_play(page, server.link, "keys")
        page.keyboard.down("ArrowUp")
        wait_until(page, "document.getElementById('video').currentTime > 1.2")
        page.keyboard.up("ArrowUp")
        page.keyboard.press("Space")
        page.wait_for_selector("#paused:not([hidden])")
        stopped = page.evaluate(TIME)
        time.sleep(0.7)
        assert page.evaluate(TIME) == stopped
        page.keyboard.press("Space")
        page.keyboard.press("Home")
        to_end(page)
    times, values = samples(tmp_path)
    steps = np.diff(times)
    assert steps.max() < 0.5  # the pause is no gap
    before = values[(times > 0.3) & (times < 1.1)]
    assert (np.diff(before) >= 0).all()
    assert before[-1] - before[0] == pytest.approx(0.64, abs=0.25)  # 0.8 per second
    assert values[-1] == 0.0
    assert [name for name in events(tmp_path) if name in ("play", "pause", "resume")] == ["play", "pause", "resume"]


def test_the_wheel_moves_in_steps(browser, video, tmp_path):
    with served(video, tmp_path) as server:
        page = new_page(browser)
        to_play(page, server.link, "wheel")
        for _ in range(4):
            page.mouse.wheel(0, -100)
        to_end(page)
    _, values = samples(tmp_path)
    assert values[-1] == pytest.approx(0.2)


def test_two_axes_and_an_unbounded_scale(browser, video, tmp_path):
    for mode in ("bounded", "unbounded"):
        out = tmp_path / mode
        with served(video, out, axes=("valence", "arousal"), mode=mode) as server:
            page = new_page(browser)
            to_play(page, server.link, "keys")
            page.keyboard.down("ArrowRight")
            page.keyboard.down("ArrowDown")
            to_end(page)
        _, _, values = read_samples(out / "logs/clip/Ann/attempt-1.csv")
        assert values.shape[1] == 2
        np.testing.assert_allclose(values[:, 1], -values[:, 0], atol=0.1)
        assert (values[-1, 0] == 1) == (mode == "bounded")
        assert values[-1, 0] >= 1


def test_a_joystick_that_is_unplugged_pauses(browser, video, tmp_path):
    with served(video, tmp_path) as server:
        page = new_page(browser)
        page.add_init_script(GAMEPAD)
        to_play(page, server.link, "gamepad")
        page.evaluate("window.pad.connected = false; window.dispatchEvent(new Event('gamepaddisconnected'))")
        page.wait_for_selector("#paused:not([hidden])")
        assert "joystick" in page.inner_text("#paused-text")
        page.keyboard.press("Space")
        time.sleep(0.3)
        assert page.is_visible("#paused")  # not before it is back
        page.evaluate("window.pad.connected = true")
        page.keyboard.press("Space")
        to_end(page)
    assert "input_lost" in events(tmp_path)


def wait_while_busy(server, rater="Ann"):
    client = RatingClient(server.link)
    until = time.monotonic() + 15
    while client.session(rater)["busy"]:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_killed_tab_loses_at_most_a_second_and_the_rater_goes_on(browser, video, tmp_path):
    with served(video, tmp_path) as server:
        page = new_page(browser)
        page.add_init_script(MOUSE)
        to_play(page, server.link, "mouse")
        wait_until(page, "document.getElementById('video').currentTime > 3")
        with pytest.raises(Exception, match="crash"):
            page.goto("chrome://crash")  # as kill -9 of its process
        wait_while_busy(server)
        times, _ = samples(tmp_path)
        assert times[-1] >= 2.0
        again = new_page(browser)
        again.add_init_script(MOUSE)
        to_play(again, server.link, "mouse", begin="#ready-continue")
        assert again.evaluate(TIME) > 0.5
        to_end(again)
    assert len(attempts_of(tmp_path, "clip", "Ann")) == 1
    times, values = samples(tmp_path)
    assert (np.diff(times) > 0).all()
    check_trace(times, values, wave)
    assert "continued" in events(tmp_path)


def start_server(video, out, port):
    command = [
        sys.executable,
        "-m",
        "seqfer",
        "rate",
        str(video),
        "--out",
        str(out),
        "--port",
        str(port),
        "--no-browser",
    ]
    server = subprocess.Popen([*command, "--set", "countdown_s=0"], stdout=subprocess.PIPE, text=True)
    link = re.search(r"http://\S+", server.stdout.readline())
    assert link, server.wait(10)
    return server, link[0]


def test_a_killed_server_loses_nothing(browser, video, tmp_path):
    server, link = start_server(video, tmp_path, 0)
    port = int(re.search(r":(\d+)/", link)[1])
    page = new_page(browser)
    page.add_init_script(MOUSE)
    to_play(page, link, "mouse")
    wait_until(page, "document.getElementById('video').currentTime > 2")
    os.kill(server.pid, signal.SIGKILL)
    server.communicate()
    page.wait_for_selector("#paused:not([hidden])")
    assert "connection" in page.inner_text("#paused-text")
    server, _ = start_server(video, tmp_path, port)
    try:
        page.wait_for_selector("#go-on:not([hidden])", timeout=20_000)
        page.keyboard.press("Space")
        page.wait_for_selector("#done:not([hidden])", timeout=60_000)
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate()
    assert server.returncode == 0
    times, values = samples(tmp_path)
    assert np.diff(times).max() < 0.6
    check_trace(times, values, wave)
    assert "connection_lost" in events(tmp_path)


def test_a_name_with_a_script_does_nothing_and_a_taken_one_is_refused(browser, video, tmp_path):
    with served(video, tmp_path) as server:
        page, other = new_page(browser), new_page(browser)
        to_play(page, server.link, "mouse")
        for name, words in (
            ("<img src=x onerror=alert(1)>", "cannot be a rater's name"),
            ("ann", "is rating in another window"),
        ):
            other.goto(server.link)
            other.fill("#rater", name)
            other.click("#name button")
            wait_until(other, "document.getElementById('name-problem').textContent !== ''")
            assert words in other.inner_text("#name-problem")
            assert other.query_selector("img") is None


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("axes", [("valence",), ("valence", "arousal")])
def test_nothing_is_cut_off(browser, video, tmp_path, size, axes):
    with served(video, tmp_path, axes=axes) as server:
        page = new_page(browser, size)
        page.goto(server.link)
        page.fill("#rater", "Ann")
        for button in ("#name button", "#instructions button", "#input button.main", "#ready-start"):
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.click(button)
        wait_until(page, "document.getElementById('video').currentTime > 0.2")
        for shown in ("#stage", "#play-scale canvas", "#play-scale .low", "#play-scale .high", "#pause", "#saved"):
            box = page.locator(shown).bounding_box()
            assert box["x"] >= 0, shown
            assert box["x"] + box["width"] <= size["width"], shown
            assert box["y"] + box["height"] <= size["height"], shown


def test_the_check_of_an_input(browser, video, tmp_path):
    with served(video, tmp_path, check=True) as server:
        page = new_page(browser)
        page.add_init_script(GAMEPAD)
        page.goto(server.link)
        page.check("input[value=gamepad]")
        page.click("#input button.main")
        page.click("#check-run")
        page.wait_for_selector("#check-table:not([hidden])", timeout=20_000)
        (found,) = server.checks
    assert found["input"] == "gamepad"
    assert found["reports_hz"] > 20
    assert 15 < found["sampling_hz"] < 25


def test_the_keyboard_alone_practice_and_two_videos(browser, video, tmp_path):
    short = [write_rated_video(tmp_path / f"{name}.webm", 1.0) for name in "ab"]
    with served(short, tmp_path / "out", practice=str(short[0])) as server:
        page = new_page(browser)
        page.goto(server.link)
        page.wait_for_selector("#name:not([hidden])")
        page.keyboard.type("Ann")
        page.keyboard.press("Enter")
        page.wait_for_selector("#instructions:not([hidden])")
        page.keyboard.press("Space")
        page.wait_for_selector("#input:not([hidden])")
        page.focus("input[value=mouse]")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.focus("#input button.main")
        page.keyboard.press("Enter")
        page.wait_for_selector("#ready:not([hidden])")
        assert page.inner_text("#ready-heading") == "Practice"
        page.keyboard.press("Space")
        for number in (1, 2):
            wait_until(page, f"document.getElementById('ready-heading').textContent === 'Video {number} of 2'")
            page.wait_for_selector("#ready:not([hidden])")
            assert not (tmp_path / "out/logs/a").exists() or number == 2  # the practice is not kept
            page.keyboard.press("Space")
            page.wait_for_selector("#play:not([hidden])")
            if number == 1:
                page.wait_for_selector("#break:not([hidden])", timeout=20_000)
                page.keyboard.press("Space")
        to_end(page)
    for name in "ab":
        (event,) = (e for e in read_events(tmp_path / f"out/logs/{name}/Ann/attempt-1.csv") if e["event"] == "input")
        assert event["detail"] == "keys"


def test_fingers_rate_on_the_scale_only(browser, video, tmp_path):
    with served(video, tmp_path) as server:
        page = browser.new_context(viewport=NARROW, has_touch=True, is_mobile=True).new_page()
        page.problems = []
        to_play(page, server.link, "mouse")
        box = page.locator("#play-scale canvas").bounding_box()
        page.touchscreen.tap(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
        wait_until(page, f"{TIME} > 1.5")
        page.touchscreen.tap(200, 200)  # the video
        to_end(page)
    times, values = samples(tmp_path)
    assert values[0] == 0.0
    np.testing.assert_allclose(values[times > 2], 0.5, atol=0.05)


def test_a_full_disk_pauses_and_nothing_is_lost(browser, video, tmp_path, monkeypatch):
    write = os.write

    def full(file, data):
        if bytes(data[:2]) in (b"1.", b"2."):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data)

    monkeypatch.setattr(os, "write", full)
    with served(video, tmp_path) as server:
        page = new_page(browser)
        page.add_init_script(MOUSE)
        to_play(page, server.link, "mouse")
        page.wait_for_selector("#paused:not([hidden])")
        assert "No space left on device" in page.inner_text("#paused-text")
        monkeypatch.setattr(os, "write", write)
        page.keyboard.press("Space")  # connect and save
        wait_until(page, "document.getElementById('paused-text').textContent.startsWith('Paused. Press')")
        page.keyboard.press("Space")
        to_end(page)
    times, values = samples(tmp_path)
    assert np.diff(times).max() < 0.6
    check_trace(times, values, wave)
