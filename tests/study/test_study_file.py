"""study.toml: what it gives, and one line with file and line for everything that is wrong."""

import re

import pytest

from seqfer.core.errors import InputError
from seqfer.study.study_file import read_study

GOOD = """\
title = "Two films"
raters = ["ann", "ben"]
ratings = "rated"

[rating]
axes = ["valence"]
practice = "P01.mp4"
sample_hz = 25.0

[annotation]
model = "small"

[[stimulus]]
name = "comedy"
video = "comedy.mp4"

[[stimulus]]
name = "drama"

[[participant]]
name = "P01"
group = "a"

[[participant]]
name = "P02"

[[recording]]
participant = "P01"
stimulus = "comedy"
video = "P01.mp4"
offset_s = 2.5

[[recording]]
participant = "P02"
stimulus = "drama"
video = "P02.mp4"
name = "second"
"""


@pytest.fixture
def write(tmp_path):
    for name in ("P01.mp4", "P02.mp4", "comedy.mp4"):
        (tmp_path / name).write_bytes(b"video")

    def written(text):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_what_a_file_gives(write, tmp_path):
    study = read_study(write(GOOD))
    assert (study.title, study.raters) == ("Two films", ("ann", "ben"))
    assert (study.ratings, study.results) == (tmp_path / "rated", tmp_path / "results")
    assert [(one.name, one.participant, one.stimulus, one.offset_s) for one in study.recordings] == [
        ("P01-comedy", "P01", "comedy", 2.5),
        ("second", "P02", "drama", 0.0),
    ]
    assert study.stimuli[0].video == tmp_path / "comedy.mp4"
    assert study.stimuli[1].video is None
    assert study.groups() == {"a": ("P01",)}
    assert study.annotation == {"model": "small"}
    assert study.rating.practice == str(tmp_path / "P01.mp4")
    plan = study.plan()
    assert [video.name for video in plan.videos] == ["P01-comedy", "second"]
    assert (plan.raters, plan.title, plan.out) == (("ann", "ben"), "Two films", tmp_path / "rated")
    assert study.where("annotation", "model") == f"{tmp_path / 'study.toml'}:11: "


WRONG = {
    'titel = "x"\n': (1, "unknown key 'titel'; allowed: title, raters"),
    'title = "x\n': (1, "not valid TOML"),
    "title = 3\n": (1, "title: 3; allowed: a text"),
    'raters = "ann"\n': (1, "raters: 'ann'; allowed: a list of names"),
    'raters = ["ann", "ann"]\n': (1, "two raters are called 'ann'"),
    'raters = ["a/b"]\n': (1, "'a/b' cannot be a rater's name"),
    "rating = 3\n": (1, r"is a table; write \[rating\]"),
    'results = "rated"\nratings = "rated"\n': (1, "results: is the folder of the ratings too"),
    'ratings = "P01.mp4"\n': (1, "P01.mp4 is a file; give a folder"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_at_the_top(write, text):
    line, words = WRONG[text]
    body = GOOD.split("\n\n", 1)[1]
    if text.startswith("rating ="):
        body = body[body.index("[annotation]") :]
    with pytest.raises(InputError, match=rf"study\.toml:{line}: .*{words}") as error:
        read_study(write(f"{text}\n{body}"))
    assert "\n" not in str(error.value)


REPLACED = {
    ("sample_hz = 25.0", "sample_hz = 5.0"): (8, "sample_hz = 5.0; allowed: a number, 10 to 60"),
    ("sample_hz = 25.0", "sample = 5.0"): (8, "unknown key 'sample'; allowed: axes"),
    ("sample_hz = 25.0", 'raters = ["ann"]'): (8, "raters: is given at the top of the file"),
    ('axes = ["valence"]', "axes = []"): (6, "axes: none; give one axis"),
    ('stimulus = "drama"', 'stimulus = "tragedy"'): (35, "stimulus: 'tragedy' is not there; allowed: comedy, drama"),
    ('participant = "P02"', 'participant = "P03"'): (34, "participant: 'P03' is not there; allowed: P01, P02"),
    ('video = "P02.mp4"', 'video = "P03.mp4"'): (36, "P03.mp4: cannot be read .*correct the path"),
    ('video = "P02.mp4"', ""): (33, "video is missing; add it"),
    ("offset_s = 2.5", "offset_s = true"): (31, "offset_s: True; allowed: the second"),
    ("offset_s = 2.5", "offset = 2.5"): (
        31,
        "unknown key 'offset'; allowed: participant, stimulus, video, offset_s, name",
    ),
    ('name = "second"', 'name = "p01-COMEDY"'): (37, "'p01-COMEDY' is there twice, the first in line 27"),
    ('name = "second"', 'name = "../up"'): (37, r"name: '\.\./up'; allowed: 1 to 60 letters"),
    ('name = "drama"', 'name = "Comedy"'): (18, "'Comedy' is there twice, the first in line 14"),
    ('participant = "P02"\nstimulus = "drama"', 'participant = "P01"\nstimulus = "comedy"'): (
        33,
        "P01 saw comedy in P01-comedy already",
    ),
    ("[[participant]]", "[participant]"): (20, "not valid TOML|is written as"),
}


@pytest.mark.parametrize("change", REPLACED)
def test_what_is_wrong_in_a_table(write, change):
    line, words = REPLACED[change]
    with pytest.raises(InputError, match=words) as error:
        read_study(write(GOOD.replace(*change)))
    assert "\n" not in str(error.value)
    at = int(re.search(r"study\.toml:(\d+): ", str(error.value))[1])
    assert at == line or change[1] == "[participant]"


def test_a_file_without_recordings_and_one_that_is_missing(write, tmp_path):
    with pytest.raises(InputError, match=r"has no \[\[recording\]\]; add one for each recording"):
        read_study(write(GOOD.partition("[[recording]]")[0]))
    with pytest.raises(InputError, match=r"other\.toml: cannot be read .*seqfer study init"):
        read_study(tmp_path / "other.toml")
