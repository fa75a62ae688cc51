import numpy as np
import pytest
from coded_videos import intensities, write_bp4d, write_disfa, write_results, write_run

import seqfer
from seqfer.core.errors import InputError, SettingsError
from seqfer.runs.finished import finished_runs

FAST = {"samples": 50}


@pytest.fixture
def study(tmp_path):
    coded = intensities()
    return write_results(tmp_path / "results", coded), write_disfa(tmp_path / "ActionUnit_Labels", coded)


def test_estimates_that_follow_the_labels_agree_with_them(study):
    evaluation = seqfer.evaluate_aus(*study, **FAST)
    assert evaluation.folder is None
    table = evaluation.table.pivot(index="action_unit", columns="measure", values="value")
    assert table.index.tolist() == ["AU01", "AU12"]
    assert (table[["pcc", "icc31", "f1", "auc"]] > 0.8).all(axis=None)
    assert (table["mae"] < 0.6).all()
    inside = evaluation.table.query("low <= value <= high")
    assert len(inside) == len(evaluation.table)
    assert evaluation.videos["matched"].tolist() == [60] * 5
    assert evaluation.videos["prediction"].iloc[0] == "LeftVideoSN001_comp"
    assert "AU12" in str(evaluation)
    assert "AU12" in evaluation.report_html


def test_estimates_of_noise_do_not_agree(tmp_path):
    coded, other = intensities(frames=200), intensities(frames=200, seed=1)
    evaluation = seqfer.evaluate_aus(
        write_results(tmp_path / "results", other), write_disfa(tmp_path / "labels", coded), **FAST
    )
    table = evaluation.table.pivot(index="action_unit", columns="measure", values="value")
    assert (table["pcc"].abs() < 0.15).all()
    assert ((table["auc"] - 0.5).abs() < 0.1).all()


def test_a_wrong_first_frame_loses_the_agreement(study):
    right, wrong = (seqfer.evaluate_aus(*study, first_frame=first, **FAST) for first in (1, 3))
    assert right.record.units[0].pcc > 0.9 > 0.3 > wrong.record.units[0].pcc
    assert wrong.videos["matched"].tolist() == [58] * 5


def test_bp4d_with_folders_of_pictures(tmp_path):
    random = np.random.default_rng(0)
    occurs = {
        f"F00{person}_T{task}": {12: random.integers(0, 2, 40).astype(float)} for person in (1, 2) for task in (1, 2)
    }
    occurs["F001_T1"][12][:7] = np.nan
    labels = write_bp4d(tmp_path / "AU_OCC", occurs, first=100)
    for video, units in occurs.items():
        person, task = video.split("_")
        write_run(
            tmp_path / "results" / person / f"{task}-seqfer",
            task,
            {
                "AU12_estimate": np.nan_to_num(units[12]) * 0.5 + 0.1,
                "AU04_estimate": np.zeros(40),
                "picture": [f"{number:04d}.jpg" for number in range(100, 140)],
            },
        )
    evaluation = seqfer.evaluate_aus(tmp_path / "results", labels, **FAST)
    (unit,) = evaluation.record.units
    assert (unit.action_unit, unit.frames, unit.people) == (12, 153, 2)
    assert (unit.f1, unit.auc) == (1, 1)
    assert evaluation.table.query("measure == 'mae'")["value"].isna().all()
    assert evaluation.videos["person"].tolist() == ["F001", "F001", "F002", "F002"]


def test_what_has_no_match_is_listed(study, tmp_path):
    results, labels = study
    (labels / "SN006").mkdir()
    (labels / "SN006" / "SN006_au25.txt").write_text("1,0\n2,3\n")
    write_run(results / "other-seqfer", "other.mp4", {"AU12_estimate": np.zeros(3)})
    record = seqfer.evaluate_aus(results, labels, out=tmp_path / "run", **FAST).record
    assert (record.without_estimate, record.without_labels, record.without_prediction) == (
        (25,),
        ("other",),
        ("SN006",),
    )
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Labelled, but without estimates of two people: AU25." in page
    (found,) = finished_runs(tmp_path / "run")
    assert found.record == record


def test_equal_runs_give_equal_numbers(study):
    one, two = (seqfer.evaluate_aus(*study, folds=2, seed=4, **FAST).record for _ in range(2))
    assert one.units == two.units
    assert one.settings["first_frame"] == 1


def test_bad_input_is_refused_in_one_line(study, tmp_path):
    results, labels = study
    with pytest.raises(InputError, match="has no run folder; make them with `seqfer annotate-video --geometry`"):
        seqfer.evaluate_aus(labels, labels)
    with pytest.raises(InputError, match="is no folder"):
        seqfer.evaluate_aus(tmp_path / "none", labels)
    with pytest.raises(InputError, match="annotate with --geometry"):
        seqfer.evaluate_aus(write_run(tmp_path / "SN001-seqfer", "SN001", {"valence": [0.0]}), labels)
    with pytest.raises(InputError, match=r"of one person \(SN001\)"):
        seqfer.evaluate_aus(results / "LeftVideoSN001_comp-seqfer", labels)
    write_run(results / "again", "LeftVideoSN001_comp.avi", {"AU12_estimate": [0.0]})
    with pytest.raises(InputError, match="are both predictions of 'LeftVideoSN001_comp'"):
        seqfer.evaluate_aus(results, labels)
    with pytest.raises(SettingsError, match="folds"):
        seqfer.evaluate_aus(results, labels, folds=1)
    (results / "again" / "frames.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"frames\.parquet: cannot be read as rows"):
        seqfer.evaluate_aus(results / "again", labels)
