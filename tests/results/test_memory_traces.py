"""Predictions in memory: which columns are read, what becomes of faces, and what is no prediction."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_traces import wave, write_rater, write_run

from seqfer.core.errors import InputError
from seqfer.results._memory_traces import pairing_of
from seqfer.results.annotation import Annotation
from seqfer.results.annotations import Annotations
from seqfer.traces.trace import Trace

T = np.arange(0, 4, 0.5)


def traces(table: object, axis: str = "") -> tuple[Trace, ...]:
    """The traces of a prediction in memory."""
    (files,) = pairing_of(table, "ann.csv", axis).films
    assert isinstance(files.prediction, tuple)
    return files.prediction


@pytest.fixture(autouse=True)
def rated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_rater(tmp_path / "ann.csv", wave())


@pytest.mark.parametrize(
    ("columns", "axis", "read"),
    [
        (["time_s", "valence"], "", "valence"),
        (["joy", "time_s", "valence"], "", "valence"),
        (["time_s", "joy"], "", "joy"),
        (["time_s", "joy", "valence"], "joy", "joy"),
        (["time_s", "frame", "shot", "joy"], "", "joy"),
    ],
)
def test_the_column_of_values(columns: list[str], axis: str, read: str) -> None:
    table = pd.DataFrame({name: T if name == "time_s" else np.full(8, i / 10) for i, name in enumerate(columns)})
    (trace,) = traces(table, axis)
    assert trace.name == read
    assert trace.values.tolist() == [columns.index(read) / 10] * 8
    assert trace.start_s.tolist() == trace.end_s.tolist() == T.tolist()


def test_whole_seconds_are_means_and_missing_values_stay_missing() -> None:
    table = pd.DataFrame({"second": [0, 1], "valence": pd.array([0.5, None], dtype="Float64")})
    (trace,) = traces(table)
    assert trace.end_s.tolist() == [1, 2]
    assert np.isnan(trace.values).tolist() == [False, True]


def test_faces_are_told_apart_and_rows_without_one_are_left_out() -> None:
    faces = pd.array([1, 2, None, 2], dtype="Int64")
    table = pd.DataFrame({"time_s": [0.0, 0.0, 1.0, 2.0], "face": faces, "valence": [0.1, 0.2, np.nan, 0.4]})
    first, second = traces(table)
    assert (first.name, second.name) == ("face 1", "face 2")
    assert second.values.tolist() == [0.2, 0.4]


def test_a_mapping_is_several_videos_of_any_kind(tmp_path: Path) -> None:
    for name in ("a_ann.csv", "b.csv"):
        write_rater(tmp_path / "ratings" / name, wave())
    write_run(tmp_path / "b-seqfer", wave())
    table = pd.DataFrame({"time_s": T, "valence": 0.1})
    pairing = pairing_of({"a": table, "b": "b-seqfer", "c": table}, "ratings", "")
    assert pairing.many
    assert [files.stem for files in pairing.films] == ["a", "b"]
    assert pairing.films[1].prediction == Path("b-seqfer")
    assert pairing.unannotated == ("c",)


def annotated(film: str) -> Annotation:
    """An annotation as far as it is compared: its frames, and what is known of its video."""
    source = SimpleNamespace(name=film, duration_s=4.0, frame_rate_hz=2.0, zero_s=0.5)
    frames = pd.DataFrame({"time_s": T, "face": 1, "valence": 0.1})
    summary: Any = SimpleNamespace(film=source)
    return Annotation(frames, frames, None, summary, "")


def test_annotations_are_matched_by_the_videos_names_and_folders(tmp_path: Path) -> None:
    for person in ("P01", "P02"):
        write_rater(tmp_path / "ratings" / person / "video_ann.csv", wave())
    videos = {f"results/{person}/one-seqfer": annotated("video.mp4") for person in ("P01", "P02")}
    pairing = pairing_of(Annotations(videos), "ratings", "")
    assert [files.stem for files in pairing.films] == ["P01/video", "P02/video"]
    (trace,) = pairing.films[0].prediction
    assert isinstance(trace, Trace)
    assert (trace.film, trace.length_s, trace.start_s[0]) == ("video.mp4", 4.0, -0.5)
    same = Annotations({"r/one": annotated("a.mp4"), "r/two": annotated("a.mov")})
    with pytest.raises(InputError, match=r"two annotations are of 'a'; give a mapping"):
        pairing_of(same, "ratings", "")
    with pytest.raises(InputError, match="no video is given"):
        pairing_of(Annotations({}), "ratings", "")


@pytest.mark.parametrize(
    ("given", "axis", "said"),
    [
        (pd.DataFrame({"t": [0.0], "valence": [0.1]}), "", "prediction: no column time_s or second, the times in seconds; it has t, val"),
        (pd.DataFrame({"time_s": [0.0], "a": [0.1], "b": [0.1]}), "", "no column 'valence'; name one with prediction_axis: a, b"),
        (pd.DataFrame({"time_s": [0.0], "a": [0.1]}), "b", "no column 'b'; name one with prediction_axis: a"),
        (pd.DataFrame({"time_s": [0.0], "valence": ["high"]}), "", "prediction: time_s, valence must be numbers"),
        (pd.DataFrame({"time_s": [0.0], "valence": [3.0]}), "", r"prediction: trace 'face 1': values must lie in \[-1, 1\]"),
        (pd.DataFrame({"time_s": [0.0], "valence": [0.1], "face": ["ann"]}), "", "time_s, valence, face must be numbers"),
        (7, "", "prediction: a int; give a path, an Annotation or a data frame"),
        ({"m": [0.1]}, "", "m: a list; give a path, an Annotation or a data frame"),
        ({"m": pd.DataFrame({"time_s": T, "valence": 0.1})}, "", "no annotation matches any of the 1 videos; name the files"),
        ({}, "", "no video is given"),
        ("no", "", "no: does not exist"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(given: object, axis: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        pairing_of(given, "ann.csv", axis)
    assert "\n" not in str(error.value)


def test_an_annotation_file_that_is_missing_is_said() -> None:
    with pytest.raises(InputError, match=r"no\.csv: does not exist"):
        pairing_of(pd.DataFrame({"time_s": T, "valence": 0.1}), "no.csv", "")
