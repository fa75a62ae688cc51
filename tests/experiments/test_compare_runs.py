"""Two runs are compared on the clips that both have, paired by name; runs of other data are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.experiments.compare_runs import compare_runs
from seqfer.experiments.prediction_files import write_predictions
from seqfer.experiments.settings import CompareSettings

SETTINGS = CompareSettings(samples=200)


def classes(folder: Path, found: str, first: int = 0, **more: Any) -> Path:
    """A run whose clips are c<first>... of label anger, with predictions a (anger) or f (fear); two clips per person."""
    names = [f"c{first + k}" for k in range(len(found))]
    columns = {"clip": names, "person": [f"p{(first + k) // 2}" for k in range(len(found))], **more}
    columns |= {"label": ["anger"] * len(found), "predicted": [{"a": "anger", "f": "fear"}[one] for one in found]}
    write_predictions(folder, columns)
    return folder


def valence(folder: Path, truth: list[float], predicted: list[float]) -> Path:
    names = [f"c{k}" for k in range(len(truth))]
    write_predictions(folder, {"clip": names, "person": names, "truth": truth, "predicted": predicted})
    return folder


def test_the_clips_that_both_have_are_paired_by_name(tmp_path: Path) -> None:
    a = classes(tmp_path / "a", "aaffff")  # c0 to c5
    b = classes(tmp_path / "b", "fafaaaa", first=1)  # c1 to c7: wrong, right, wrong, right, right on c1 to c5
    found = compare_runs(a, b, SETTINGS)
    assert (found.task, found.clips, found.rows, found.people, found.left_out) == ("classes", 5, 5, 3, (1, 2))
    accuracy = found.differences["accuracy"]
    assert (accuracy.first, accuracy.second) == pytest.approx((0.2, 0.6))
    assert accuracy.difference == pytest.approx(0.4)
    assert accuracy.low <= 0.4 <= accuracy.high
    test = found.mcnemar
    assert test is not None
    # one clip that only the first has right, three that only the second has: 2 (1 + 4) / 2^4
    assert (test.only_first, test.only_second, test.exact, test.p_value) == (1, 3, True, 0.625)


def test_valence(tmp_path: Path) -> None:
    a = valence(tmp_path / "a", [0.0, 0.5, 1.0], [0.1, 0.6, 0.9])
    b = valence(tmp_path / "b", [0.0, 0.5, 1.0], [0.0, 0.5, 1.0])
    found = compare_runs(a, b, SETTINGS)
    assert (found.task, found.mcnemar) == ("valence", None)
    assert found.differences["rmse"].difference == pytest.approx(-0.1)
    assert found.differences["ccc"].second == pytest.approx(1.0)


def test_heads_of_a_cross_validation_and_its_first_repeat(tmp_path: Path) -> None:
    found = "af" * 4
    more = {"repeat": [0, 0, 0, 0, 1, 1, 1, 1], "head": ["lstm", "bilstm"] * 4}
    run = classes(tmp_path / "cv", found, **more)
    names = [f"c{k}" for k in (0, 0, 1, 1) * 2]
    write_predictions(
        run,
        {"clip": names, "person": names, **more, "label": ["anger"] * 8, "predicted": ["anger", "fear"] * 4},
    )
    made = compare_runs(run, run / "predictions.csv", CompareSettings(first="lstm", second="bilstm"))
    assert (made.variants, made.clips) == (("lstm", "bilstm"), 2)
    assert made.differences["accuracy"].difference == -1
    with pytest.raises(
        SettingsError, match="several predictions of each clip; give --first or --second one of: lstm, bilstm"
    ):
        compare_runs(run, run, SETTINGS)
    with pytest.raises(SettingsError, match="no predictions of 'gru'"):
        compare_runs(run, run, CompareSettings(first="gru"))
    with pytest.raises(InputError, match="compared with itself"):
        compare_runs(run, run, CompareSettings(first="lstm", second="lstm"))


def test_of_a_stress_test_the_uncorrupted_clips_or_a_level(tmp_path: Path) -> None:
    names = ["c0", "c1"] * 2
    columns = {"clip": names, "person": names, "corruption": ["none", "none", "blur", "blur"], "level": [0, 0, 2, 2]}
    write_predictions(tmp_path, {**columns, "label": ["fear"] * 4, "predicted": ["fear", "fear", "fear", "anger"]})
    made = compare_runs(tmp_path, tmp_path, CompareSettings(second="blur:2"))
    assert made.variants == ("none:0", "blur:2")
    assert made.differences["accuracy"].difference == -0.5


def test_runs_of_other_data_are_refused(tmp_path: Path) -> None:
    a, b = classes(tmp_path / "a", "af"), classes(tmp_path / "b", "af", first=7)
    with pytest.raises(InputError, match="have no clip in common"):
        compare_runs(a, b, SETTINGS)
    with pytest.raises(InputError, match=r"predictions of classes, .* of valence"):
        compare_runs(a, valence(tmp_path / "v", [0.0], [0.0]), SETTINGS)
    write_predictions(tmp_path / "c", {"clip": ["c0"], "person": ["p0"], "label": ["fear"], "predicted": ["fear"]})
    with pytest.raises(
        InputError, match=r"clip c0: anger in .*, fear in .*; give runs that were tested on the same data"
    ):
        compare_runs(a, tmp_path / "c", SETTINGS)
    write_predictions(tmp_path / "d", {"clip": ["c0"], "person": ["q"], "label": ["anger"], "predicted": ["fear"]})
    with pytest.raises(InputError, match=r"clip c0: person p0, anger in .*, person q, anger in"):
        compare_runs(a, tmp_path / "d", SETTINGS)


def test_a_clip_with_two_predictions_is_refused(tmp_path: Path) -> None:
    table = {"clip": ["c", "c"], "person": ["p", "p"], "label": ["fear", "fear"], "predicted": ["fear", "anger"]}
    write_predictions(tmp_path / "a", table)
    with pytest.raises(InputError, match="clip c has two predictions of the model"):
        compare_runs(tmp_path / "a", classes(tmp_path / "b", "a"), SETTINGS)
