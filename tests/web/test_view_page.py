"""The viewer in headless Chromium: the box on the canvas is that of the shown frame, also where frames are at uneven times."""

import random
import shutil

import pandas as pd
import pytest
from browser_pages import NARROW, WIDE, chromium, new_page, wait_until
from viewed_runs import write_viewed_run

import seqfer

READY = "window.viewer !== undefined && viewer.frameS !== null && document.getElementById('now').children.length > 0"


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_viewed_run(tmp_path_factory.mktemp("view"))


@pytest.fixture(scope="module")
def server(run):
    with seqfer.view(run, port=0, browser=False) as running:
        yield running


def opened(browser, server, size=WIDE):
    page = new_page(browser, size)
    page.goto(server.link)
    wait_until(page, READY)
    return page


def shown_rows(page):
    return page.evaluate("viewer.rows.rowsOf(viewer.frameS)")


def test_twenty_random_places_show_their_own_frame(browser, run, server):
    """The time of the frame that the browser shows is that of a row, and it is the row that frames.csv has there."""
    frames = seqfer.read(run).frames
    page = opened(browser, server)
    numbers = random.Random(0).sample(range(len(frames.frame.unique())), 20)
    for number in numbers:
        expected = frames[frames.frame == number]
        time_s = float(expected.time_s.iloc[0])
        page.evaluate(f"viewer.seek({time_s})")
        wait_until(page, f"Math.abs(viewer.timeS - {time_s}) < 0.002 && Math.abs(viewer.frameS - {time_s}) < 1e-4")
        found = shown_rows(page)
        assert [row["face"] for row in found] == expected.face.dropna().tolist()
        for row, (_, right) in zip(found, expected.iterrows()):
            assert (row["x1"], row["y1"], row["x2"], row["y2"]) == pytest.approx(tuple(right[["x1", "y1", "x2", "y2"]]))
    assert page.problems == []


def test_the_box_is_drawn_where_the_row_says(browser, server):
    page = opened(browser, server)
    page.evaluate("viewer.seek(1.0)")
    wait_until(page, "viewer.timeS > 0.9 && viewer.frameS > 0.9")
    (row,) = shown_rows(page)
    inside = page.evaluate(
        """(row) => {
          const canvas = document.getElementById("boxes");
          const scale = Math.min(canvas.width / viewer.run.width, canvas.height / viewer.run.height);
          const [left, top] = [(canvas.width - viewer.run.width * scale) / 2, (canvas.height - viewer.run.height * scale) / 2];
          const alpha = (x, y) => canvas.getContext("2d").getImageData(left + x * scale, top + y * scale, 1, 1).data[3];
          const middle = (row.y1 + row.y2) / 2;
          return [alpha(row.x1, middle), alpha(row.x2, middle), alpha((row.x1 + row.x2) / 2, middle), alpha(row.x1 - 6, middle)];
        }""",
        row,
    )
    assert inside[0] > 0
    assert inside[1] > 0
    assert inside[2:] == [0, 0]


def test_frame_steps_by_key_go_through_every_frame(browser, run, server):
    times = seqfer.read(run).frames.time_s.unique()
    page = opened(browser, server)
    page.evaluate(f"viewer.seek({times[10]})")
    wait_until(page, f"Math.abs(viewer.frameS - {times[10]}) < 1e-4")
    for number in (11, 12, 13, 12, 11):
        page.keyboard.press("." if number > 10 and page.evaluate("viewer.frameS") < times[number] else ",")
        wait_until(page, f"Math.abs(viewer.frameS - {times[number]}) < 1e-4")


def test_clicks_seek_drags_select_and_the_selection_loops(browser, server):
    page = opened(browser, server)
    box = page.locator("#timeline").bounding_box()
    length = page.evaluate("viewer.run.length_s")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 40)
    wait_until(page, f"Math.abs(viewer.timeS - {length / 2}) < 0.1")
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 40, steps=4)
    page.mouse.up()
    selection = page.evaluate("viewer.timeline.selection")
    assert selection == pytest.approx([0.2 * length, 0.4 * length], abs=0.02)
    page.keyboard.press("l")
    page.keyboard.press("Space")
    begun = selection[0] + 0.4 * (selection[1] - selection[0])
    wait_until(page, f"viewer.timeS > {begun} && viewer.timeS < {selection[1]}")  # the seek to the beginning has landed
    page.evaluate(
        "window.farthest = 0; setInterval(() => { window.farthest = Math.max(window.farthest, viewer.timeS); }, 5)"
    )
    page.wait_for_timeout(1500)
    assert page.evaluate("window.farthest") < selection[1] + 0.3
    page.keyboard.press("+")
    assert page.evaluate("viewer.timeline.span[1] - viewer.timeline.span[0]") < length
    page.keyboard.press("Home")
    assert page.evaluate("viewer.timeline.span") == pytest.approx([0, length])
    assert page.problems == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_is_cut_off_and_faces_are_named(browser, server, size):
    page = opened(browser, server, size)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "Face 1" in page.inner_text("#now")
    assert page.problems == []


def test_the_list_is_searched_and_sorted(browser, run, tmp_path):
    for name in ("beta", "alpha", "<img src=x onerror=alert(1)>"):
        shutil.copytree(run, tmp_path / name)
    with seqfer.view(tmp_path, port=0, browser=False) as server:
        page = new_page(browser)
        page.goto(server.link)
        page.wait_for_selector("#list:not([hidden])")
        names = "[...document.querySelectorAll('#runs tbody a')].map((one) => one.textContent)"
        assert page.evaluate(names) == ["<img src=x onerror=alert(1)>", "alpha", "beta"]
        page.click("[data-sort=name]")
        assert page.evaluate(names)[0] == "beta"
        page.fill("#search", "alp")
        assert page.evaluate(names) == ["alpha"]
        assert page.query_selector("img") is None
        page.click("#runs tbody a")
        wait_until(page, READY)
        assert page.evaluate("viewer.playable") is False  # the video is not beside these copies
        page.evaluate("viewer.seek(1.0)")
        wait_until(page, "viewer.frameS > 0.9")
        assert "was not found" in page.inner_text("#problem")


def test_corrections_in_the_page_give_the_tables_made_by_hand(browser, run, tmp_path):
    """Split, exclude, merge, name, undo; then the corrected tables equal those computed here from frames.csv."""
    shutil.copy(run.parent / "uneven.mp4", tmp_path)
    mine = shutil.copytree(run, tmp_path / "run")
    before = seqfer.read(mine).frames
    assert before.face.dropna().unique().tolist() == [1]
    with seqfer.view(mine, port=0, browser=False) as server:
        page = opened(browser, server)
        page.click("#correct summary")
        made = "viewer.run.corrections.length"

        def press(button, count):
            page.click(button)
            wait_until(page, f"{made} === {count} && {READY}")

        page.evaluate("viewer.seek(1.5)")
        wait_until(page, "viewer.frameS > 1.4")
        press("#split", 1)
        split_s = page.evaluate("viewer.run.corrections[0].at_s")
        page.evaluate("viewer.seek(3.0)")
        wait_until(page, "viewer.frameS > 2.9")
        page.select_option("#chosen", "2")
        press("#split", 2)
        second_s = page.evaluate("viewer.run.corrections[1].at_s")
        page.select_option("#chosen", "1")
        page.select_option("#other", "3")
        press("#merge", 3)
        page.select_option("#chosen", "2")
        page.evaluate("viewer.timeline.selection = [1.6, 2.0]")
        press("#exclude", 4)
        page.fill("#person", "Zoë <b>")
        press("#name-face", 5)
        page.fill("#note", "wrong")
        press("#add-note", 6)
        press("#undo", 5)
        page.select_option("#other", "2")
        page.select_option("#chosen", "2")
        page.click("#merge")
        wait_until(page, "document.getElementById('correct-problem').textContent.includes('two different faces')")
        assert page.query_selector("#corrections b") is None
        assert page.inner_text("#corrections").count("\n") == 4
    after = seqfer.apply_corrections(mine, tmp_path / "corrected")
    expected = before.copy()
    there = expected.face.notna()
    expected.loc[there & (expected.time_s >= split_s) & (expected.time_s < second_s), "face"] = 2
    gone = there & (expected.face == 2) & (expected.time_s >= 1.6) & (expected.time_s < 2.0)
    expected.loc[gone, [name for name in expected if name not in ("frame", "time_s", "shot")]] = None
    assert gone.sum() > 3
    pd.testing.assert_frame_equal(after.frames, expected.astype(after.frames.dtypes.to_dict()))
    assert after.tracks.set_index("face").person.to_dict() == {1: "", 2: "Zoë <b>"}
    assert seqfer.read(mine).frames.equals(before)
    assert seqfer.read(mine, corrected=True).frames.equals(after.frames)
