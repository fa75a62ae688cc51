"""Which annotation files belong to which prediction."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.raters.films import by_stem, film_stem, is_run_folder, pair_films, run_folders, stem_of


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("time_s,value\n0,0\n")


def run_folder(path: Path, film: str = "") -> Path:
    touch(path / "frames.csv", path / "valence_1hz.csv")
    if film:
        (path / "summary.json").write_text(json.dumps({"film": {"name": film}}))
    return path


@pytest.mark.parametrize("name", ["movie.mp4", r"C:\films\movie.avi", "/films/movie.mkv", " movie.mp4 ", "movie"])
def test_the_stem_of_a_video_as_any_system_writes_it(name: str) -> None:
    assert film_stem(name) == "movie"


def test_the_stem_of_a_prediction(tmp_path: Path) -> None:
    named = run_folder(tmp_path / "first-seqfer", "movie.mp4")
    unnamed = run_folder(tmp_path / "other-seqfer")
    assert stem_of(named) == "movie"
    assert stem_of(named / "valence_1hz.csv") == "movie"
    assert stem_of(unnamed) == "other"
    (unnamed / "summary.json").write_text("[1]")
    assert stem_of(unnamed) == "other"
    touch(tmp_path / "plain.csv", named / "mine.csv")
    assert stem_of(tmp_path / "plain.csv") == "plain"
    assert stem_of(named / "mine.csv") == "mine"  # no table of the run


def test_a_folder_with_any_file_of_a_run_is_a_run_folder(tmp_path: Path) -> None:
    assert not is_run_folder(tmp_path)
    touch(tmp_path / "frames.csv")
    assert is_run_folder(tmp_path)
    assert not is_run_folder(tmp_path / "frames.csv")


def test_files_go_to_the_longest_stem_they_begin_with(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.csv", "a_AP.csv", "a_b_AP.csv", "ab.csv", "c.eaf", ".a.csv", "a.jpg")]
    touch(*files, tmp_path / "c" / "one.csv", tmp_path / "c" / "two.txt", tmp_path / "c" / "notes.pdf")
    touch(tmp_path / "d" / "x.csv")
    found, rest = by_stem([tmp_path], ["a", "a_b", "c"])
    names = {stem: [path.name for path in paths] for stem, paths in found.items()}
    assert names == {"a": ["a.csv", "a_AP.csv"], "a_b": ["a_b_AP.csv"], "c": ["one.csv", "two.txt", "c.eaf"]}
    assert [path.name for path in rest] == ["ab.csv", "x.csv"]


def test_a_single_prediction_takes_all_files_that_are_named(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "m-seqfer", "movie.mp4")
    touch(tmp_path / "x.csv", tmp_path / "y.pdf", tmp_path / "study" / "movie_AP.csv", tmp_path / "study" / "other.csv")
    touch(tmp_path / "movie" / "ann.csv")
    (one,) = pair_films(folder, [tmp_path / "x.csv", tmp_path / "y.pdf"]).films
    assert (one.stem, one.prediction) == ("movie", folder)
    assert one.annotations == (tmp_path / "x.csv", tmp_path / "y.pdf")
    assert pair_films(folder, [tmp_path / "study"]).films[0].annotations == (tmp_path / "study" / "movie_AP.csv",)
    assert pair_films(folder, [tmp_path / "movie"]).films[0].annotations == (tmp_path / "movie" / "ann.csv",)
    with pytest.raises(InputError, match=r"no annotation of 'movie' \(movie\.csv, movie_RATER\.csv"):
        pair_films(folder, [folder])
    with pytest.raises(InputError, match=r"x\.csv: is given twice, and would count as two raters"):
        pair_films(folder, [tmp_path / "x.csv", tmp_path / "study" / ".." / "x.csv"])


def test_many_predictions_and_what_is_left_over(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run_folder(tmp_path / "out" / f"{name}-seqfer")
    touch(tmp_path / "out" / "c.csv", tmp_path / "out" / "notes.md")
    touch(tmp_path / "study" / "a.csv", tmp_path / "study" / "c_AP.csv", tmp_path / "study" / "z.csv")
    found = pair_films(tmp_path / "out", [tmp_path / "study"])
    assert {film.stem: film.annotations for film in found.films} == {
        "a": (tmp_path / "study" / "a.csv",),
        "c": (tmp_path / "study" / "c_AP.csv",),
    }
    assert (found.unannotated, found.unpredicted, found.many) == (("b",), (tmp_path / "study" / "z.csv",), True)


def test_run_folders_in_subfolders_are_matched_by_their_paths(tmp_path: Path) -> None:
    for name in ("P01/video", "P02/video", "P02/deep/other-seqfer", "top-seqfer", ".hidden/secret"):
        run_folder(tmp_path / "R" / name)
    run_folder(tmp_path / "R" / "top-seqfer" / "inside")  # not a video of its own
    touch(tmp_path / "R" / "P01" / "notes.csv")  # in subfolders only run folders are predictions
    ratings = tmp_path / "ratings"
    touch(ratings / "P01" / "video.csv", ratings / "P02" / "video_AP.csv", ratings / "P02" / "video" / "BQ.csv")
    touch(ratings / "P02" / "deep" / "other.csv", ratings / "top.csv", ratings / "P03" / "video.csv")
    touch(ratings / "P01_video_CR.csv", ratings / "video.csv")
    found = pair_films(tmp_path / "R", [ratings])
    assert {
        film.stem: (
            film.prediction.relative_to(tmp_path / "R").as_posix(),
            [path.relative_to(ratings).as_posix() for path in film.annotations],
        )
        for film in found.films
    } == {
        "P01/video": ("P01/video", ["P01/video.csv", "P01_video_CR.csv"]),
        "P02/video": ("P02/video", ["P02/video/BQ.csv", "P02/video_AP.csv"]),
        "P02/deep/other": ("P02/deep/other-seqfer", ["P02/deep/other.csv"]),
        "top": ("top-seqfer", ["top.csv"]),
    }
    # which of the two videos is meant, nobody can tell
    assert [path.relative_to(ratings).as_posix() for path in found.unpredicted] == ["P03/video.csv", "video.csv"]
    assert [path.relative_to(tmp_path / "R").as_posix() for path in run_folders(tmp_path / "R")] == [
        "P01/video",
        "P02/deep/other-seqfer",
        "P02/video",
        "top-seqfer",
    ]


def test_a_stem_with_folders_is_found_where_the_place_or_its_name_says_which(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("P01/video.csv", "P02/video.csv", "flat/other.csv", "flat/P02_video.csv")]
    touch(*files)
    stems = ["P01/video", "P02/video", "P01/other"]
    for places in ([tmp_path / "P01", tmp_path / "P02"], files[:2]):
        assert by_stem(places, stems) == ({"P01/video": [files[0]], "P02/video": [files[1]]}, [])
    assert by_stem([tmp_path / "flat"], stems) == ({"P01/other": [files[2]], "P02/video": [files[3]]}, [])
    single = run_folder(tmp_path / "R" / "P02" / "video")
    assert pair_films(single, [tmp_path]).films[0].annotations == (files[1],)


def test_the_longest_of_two_stems_wins_where_one_is_the_other_and_mean(tmp_path: Path) -> None:
    touch(tmp_path / "x.csv", tmp_path / "x_Mean.csv", tmp_path / "x_Mean_AP.csv")
    found, _ = by_stem([tmp_path], ["x", "x_Mean"])
    assert {stem: [path.name for path in paths] for stem, paths in found.items()} == {
        "x": ["x.csv"],
        "x_Mean": ["x_Mean.csv", "x_Mean_AP.csv"],
    }


def test_predictions_that_cannot_be_matched(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    touch(tmp_path / "z.csv")
    with pytest.raises(InputError, match="gone: does not exist; check the path"):
        pair_films(tmp_path / "gone", [tmp_path / "z.csv"])
    with pytest.raises(InputError, match="empty: has no run folder of annotate-video and no trace file"):
        pair_films(tmp_path / "empty", [tmp_path / "z.csv"])
    run_folder(tmp_path / "out" / "a-seqfer")
    with pytest.raises(InputError, match=r"no annotation matches any of the 1 videos .*STEM being for example 'a'"):
        pair_films(tmp_path / "out", [tmp_path / "z.csv"])
    run_folder(tmp_path / "out" / "again", "a.mp4")
    with pytest.raises(InputError, match="are both predictions of 'a'; remove one of them"):
        pair_films(tmp_path / "out", [tmp_path / "z.csv"])
