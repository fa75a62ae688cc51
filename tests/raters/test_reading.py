"""Both sides of one video read: the face that is compared, the names of raters, files of different videos."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from drawn_traces import wave, write_rater, write_run

from seqfer.core.errors import InputError
from seqfer.raters.films import FilmFiles, Pairing
from seqfer.raters.reading import _video_key, choose_face, file_checksums, for_each_film, read_film
from seqfer.raters.settings import JOINED, TraceSettings
from seqfer.traces.trace import Trace
from seqfer.traces.writing import write_carma

HERE = Path("a.csv")


def face(number: int, times_s: list[float], values: list[float], width_s: float = 0.0) -> Trace:
    start = np.array(times_s, float)
    return Trace(f"face {number}", start, start + width_s, np.array(values, float))


ONE = face(1, [0, 1, 2], [0.1, math.nan, math.nan])
TWO = face(12, [0, 1, 2], [0.2, 0.4, math.nan])


def test_the_face_asked_for_or_the_one_with_the_most_seconds() -> None:
    assert choose_face([ONE, TWO], 0, HERE) is TWO
    assert choose_face([ONE, face(3, [5], [0.5])], 0, HERE) is ONE  # the first of equal ones
    assert choose_face([ONE, TWO], 1, HERE) is ONE
    assert choose_face([ONE, TWO], 12, HERE) is TWO
    with pytest.raises(InputError, match=r"a\.csv: no face 2; it has face 1, face 12"):
        choose_face([ONE, TWO], 2, HERE)
    with pytest.raises(InputError, match=r"a\.csv: no face has a valence"):
        choose_face([], 0, HERE)


def test_faces_of_one_person_in_order_of_time() -> None:
    joined = choose_face([face(2, [3, 4], [0.3, math.nan]), face(1, [0, 1], [0.1, 0.2])], JOINED, HERE)
    assert joined.name == "2 faces as one"
    np.testing.assert_allclose(joined.start_s, [0, 1, 3, 4])
    np.testing.assert_allclose(joined.values, [0.1, 0.2, 0.3, math.nan])


def test_a_second_that_two_numbers_share_is_their_mean_but_no_moment_is() -> None:
    first, second = face(1, [0, 1], [0.2, 0.4], 1.0), face(2, [1, 2], [0.8, 0.6], 1.0)
    np.testing.assert_allclose(choose_face([first, second], JOINED, HERE).values, [0.2, 0.6, 0.6])
    with pytest.raises(InputError, match="2 times of 4 show two of its 2 faces at once"):
        choose_face([first, face(2, [0, 1], [0.8, 0.6], 1.0)], JOINED, HERE)
    with pytest.raises(InputError, match="1 times of 4 show two of its 2 faces at once"):
        choose_face([face(1, [0, 1], [0.2, 0.4]), face(2, [1, 2], [0.8, 0.6])], JOINED, HERE)


def test_names_of_raters_are_without_the_stem_and_differ(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "m-seqfer", wave(), 5)
    paths = [write_rater(tmp_path / name, wave(), 5) for name in ("m_ann.csv", "x/ben.csv", "y/ben.csv", "m.csv")]
    film = read_film(FilmFiles("m", folder, tuple(paths)), TraceSettings())
    assert [trace.name for trace in film.raters] == ["ann", "x/ben", "y/ben", "m"]
    assert (film.prediction.name, film.faces, film.notes) == ("face 1", ("face 1",), ())


def test_several_columns_of_one_file_are_raters_by_their_own_names(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "m-seqfer", wave(), 5)
    (tmp_path / "all.csv").write_text("time_s,ann,ben\n0,0.1,0.2\n1,0.1,0.2\n")
    (tmp_path / "again.csv").write_text("time_s,ann,cem\n0,0.1,0.2\n1,0.1,0.2\n")
    film = read_film(FilmFiles("m", folder, (tmp_path / "all.csv",)), TraceSettings(axis="ann,ben"))
    assert [trace.name for trace in film.raters] == ["ann", "ben"]
    both = read_film(
        FilmFiles("m", folder, (tmp_path / "all.csv", tmp_path / "again.csv")), TraceSettings(axis="ann,?e?")
    )
    names = [trace.name for trace in both.raters]
    assert len(set(names)) == 4
    assert [names[1], names[3]] == ["ben", "cem"]


def test_files_of_different_videos_are_noticed(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "m-seqfer", wave(), 5, film="movie.mp4")
    start = np.arange(5.0)
    trace = Trace("x", start, start + 1, wave()(start))
    write_carma(tmp_path / "same.csv", trace, film=r"D:\MOVIE.avi")
    write_carma(tmp_path / "else.csv", trace, film="other.avi")
    assert read_film(FilmFiles("m", folder, (tmp_path / "same.csv",)), TraceSettings()).notes == ()
    files = FilmFiles("m", folder, (tmp_path / "else.csv",))
    with pytest.raises(InputError, match=r"m: the files are of different videos \(.*other\.avi in else.*movie\.mp4"):
        read_film(files, TraceSettings())
    (note,) = read_film(files, TraceSettings(any_film=True)).notes
    assert "other.avi in else" in note


@pytest.mark.parametrize(
    ("film", "exact", "known", "key"),
    [
        (r"D:\Study\X.avi", {"x"}, set(), "x"),
        ("x_Mean.mp4", {"x"}, {"x"}, "x"),  # CARMA's mean of several raters of x
        ("x_Mean.mp4", {"x"}, {"x", "x_mean"}, "x_mean"),  # the study has a video of this name
        ("x_Mean.mp4", {"x_mean"}, {"x_mean"}, "x_mean"),
        ("x_Mean.mp4", {"y"}, {"y"}, "x_mean"),  # no x that it could be the mean of
        ("x_Mean_Mean.mp4", {"x_mean"}, {"x_mean"}, "x_mean"),
        ("x.mp4", {"x_mean"}, {"x_mean"}, "x"),
    ],
)
def test_what_two_names_of_one_video_have_in_common(film, exact, known, key) -> None:
    assert _video_key(film, exact, known) == key


@pytest.mark.parametrize(
    ("prediction", "rated", "others", "same"),
    [
        ("x.mp4", "x_Mean.avi", (), True),
        ("x.mp4", "x_Mean.avi", ("y", "P01/X_Mean"), False),
        ("x_Mean.mp4", "x.mp4", (), False),
        ("x_Mean.mp4", "x_mean.avi", ("x",), True),
        ("", "x_Mean.avi", ("x_Mean",), True),
    ],
)
def test_exact_names_of_videos_win_before_the_rule_of_carma(tmp_path: Path, prediction, rated, others, same) -> None:
    folder = write_run(tmp_path / "m-seqfer", wave(), 5, film=prediction)
    start = np.arange(5.0)
    write_carma(tmp_path / "a.csv", Trace("x", start, start + 1, wave()(start)), film=rated)
    files = FilmFiles("m", folder, (tmp_path / "a.csv",))
    if same:
        assert read_film(files, TraceSettings(), others).notes == ()
    else:
        with pytest.raises(InputError, match="the files are of different videos"):
            read_film(files, TraceSettings(), others)


def test_two_raters_of_different_videos_are_noticed_without_a_named_prediction(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "m-seqfer", wave(), 5)
    start = np.arange(5.0)
    for name in ("x", "x_Mean"):
        write_carma(tmp_path / f"{name}.csv", Trace("x", start, start + 1, wave()(start)), film=f"{name}.mp4")
    files = FilmFiles("m", folder, (tmp_path / "x.csv", tmp_path / "x_Mean.csv"))
    assert read_film(files, TraceSettings()).notes == ()
    with pytest.raises(InputError, match="the files are of different videos"):
        read_film(files, TraceSettings(), ("x_Mean",))


def test_names_of_raters_are_without_folders_of_the_video(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "R" / "P01" / "m", wave(), 5)
    names = ("P01/m_ann.csv", "P01_m_ben.csv", "P01/m/cem.csv", "m_m_dan.csv")
    paths = tuple(write_rater(tmp_path / name, wave(), 5) for name in names)
    film = read_film(FilmFiles("P01/m", folder, paths), TraceSettings())
    assert [trace.name for trace in film.raters] == ["ann", "ben", "cem", "m_dan"]


def test_a_run_folder_among_the_annotations_is_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "m-seqfer", wave(), 5)
    with pytest.raises(InputError, match="is a run folder, and annotations are files of raters"):
        read_film(FilmFiles("m", folder, (folder,)), TraceSettings())


def test_every_video_is_worked_on_and_one_that_fails_stops_no_other(tmp_path: Path) -> None:
    files = []
    for stem in ("a", "b", "c"):
        write_run(tmp_path / f"{stem}-seqfer", wave(), 30)
        write_rater(tmp_path / f"{stem}.csv", wave(), 30)
        files.append(FilmFiles(stem, tmp_path / f"{stem}-seqfer", (tmp_path / f"{stem}.csv",)))
    (tmp_path / "b.csv").write_text("not a table\n")
    done: list[str] = []
    found, failed = for_each_film(
        Pairing(tuple(files), many=True), TraceSettings(), lambda files, film: (files.stem, film.stem), done.append
    )
    assert found == [("a", "a"), ("c", "c")]
    assert [one["film"] for one in failed] == ["b"]
    assert "b.csv" in failed[0]["problem"]
    assert done == ["a", "b", "c"]
    with pytest.raises(InputError, match=r"b\.csv"):
        for_each_film(Pairing(tuple(files[1:2])), TraceSettings(), lambda files, film: None)


def test_checksums_are_of_the_table_that_was_read_and_of_every_annotation(tmp_path: Path) -> None:
    run, rater = write_run(tmp_path / "a-seqfer", wave(), 30), write_rater(tmp_path / "a.csv", wave(), 30)
    files = FilmFiles("a", run, (rater,))
    found = file_checksums(files, read_film(files, TraceSettings()))
    assert set(found) == {str(run / "frames.csv"), str(rater)}
    assert all(len(checksum) == 64 for checksum in found.values())
