"""What the server of ratings knows: raters, orders of videos, open logs."""

import pytest
from rated_videos import write_rated_video

from seqfer.core.errors import InputError
from seqfer.study.plan import RatingPlan, videos_of
from seqfer.study.settings import RatingSettings
from seqfer.web.rating_desk import RatingDesk


@pytest.fixture
def plan(tmp_path):
    files = [write_rated_video(tmp_path / f"{name}.webm", 1.0) for name in "abc"]
    return RatingPlan(videos_of(files), RatingSettings(order="latin_square"), tmp_path / "out")


def test_orders_stay_when_the_server_starts_again(plan):
    desk = RatingDesk(plan)
    orders = {name: [video["name"] for video in desk.videos(desk.rater(name))] for name in ("Zoë", "Ann", "Bea")}
    assert len({tuple(order) for order in orders.values()}) == 3
    again = RatingDesk(plan)
    for name in ("Bea", "Ann", "Zoë"):
        assert [video["name"] for video in again.videos(again.rater(name))] == orders[name]
    (plan.out / "raters.json").write_text('{"a": 1}')
    with pytest.raises(InputError, match="is not a list of raters' names"):
        RatingDesk(plan)


def test_a_study_with_fixed_raters_takes_no_others(plan):
    desk = RatingDesk(RatingPlan(plan.videos, plan.settings, plan.out, raters=("Ann", "Bea")))
    assert desk.rater("bea") == "Bea"
    with pytest.raises(InputError, match="'Eve' is not a rater of this study; allowed: Ann, Bea"):
        desk.rater("Eve")


def test_an_attempt_is_open_once_and_then_closed(plan):
    desk = RatingDesk(plan)
    rater = desk.rater("Ann")
    opened = desk.open(rater, "a", resume=False)
    assert desk.is_busy(rater)
    with pytest.raises(InputError, match="Ann is rating in another window"):
        desk.open(rater, "b", resume=False)
    opened.append([[0.0, 0.5], [0.05, -0.5]])
    files = opened.finish(dropped=0)
    desk.close(opened)
    desk.close(opened)
    assert not desk.is_busy(rater)
    assert [file.exists() for file in files] == [True, True, True]
    assert {video["name"]: video["done"] for video in desk.videos(rater)} == {"a": True, "b": False, "c": False}
    assert desk.has_finished(rater, "a", 1)
    assert not desk.has_finished(rater, "a", 2)
