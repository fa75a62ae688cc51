"""A researcher's script that uses every name of the Python API. It is not run: mypy checks in strict mode that the hints fit (test_user_side.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pandas as pd

import seqfer


def videos(path: Path) -> pd.DataFrame:
    """Annotate videos, read one again, and take the rows of another as they come."""
    film = seqfer.annotate(path, out="film", valence=True, progress=False)
    assert_type(film, seqfer.Annotation | Any)
    if isinstance(film, seqfer.Annotations):  # the path is a folder of videos
        return pd.concat([assert_type(one, seqfer.Annotation).frames for one in film])
    assert_type(seqfer.annotate((time_s, np.zeros((9, 9, 3), np.uint8)) for time_s in (0.0, 0.1)), seqfer.Annotation)
    several = seqfer.annotate(["a.mp4", Path("b.mp4")], jobs=2)
    assert_type(several, seqfer.Annotations)
    for row in seqfer.stream("camera:0", valence=True):
        assert_type(row, seqfer.StreamRow)
        time_s: float = row.time_s
        print(time_s, row.probabilities.get("happiness"))
    print(several.failed)
    again: seqfer.Annotation = seqfer.read("film")
    assert_type(seqfer.read("results"), seqfer.Annotation | Any)
    assert_type(seqfer.read(["film", Path("other")]), seqfer.Annotations)
    return again.frames[["time_s", *film.emotions]]


def faces(pictures: list[np.ndarray]) -> np.ndarray:
    """Emotions and features of single faces."""
    model = seqfer.load_model("compact", device="cpu")
    assert_type(model, seqfer.FaceModel)
    print(model.predict(pictures), model.classes, model.predict_video("a.mp4").frames)
    assert_type(seqfer.export("compact", Path("compact.onnx")), seqfer.ExportedModel)
    assert_type(seqfer.export(model, format="torch"), seqfer.ExportedModel)
    return model.embed(pictures)


def corpora() -> Path:
    """A drawn corpus and one of annotated videos."""
    drawn = seqfer.prepare("posed", out="drawn.jsonl", people=4)
    assert_type(drawn, seqfer.PreparedCorpus)
    seqfer.prepare_films(["a.mp4", Path("b.mp4")], annotations="ratings", out="films.jsonl")
    print(drawn.table, seqfer.list_datasets()["name"], seqfer.list_models()["name"])
    return drawn.path


def studies(data: Path) -> list[float]:
    """The studies of models, and the comparison of their runs."""
    folds = seqfer.cross_validate(data, folds=5, heads=["lstm", "bilstm"], out="cv", jobs=2)
    assert_type(folds, seqfer.CrossValidation)
    moved = seqfer.transfer("compact", data, folds=5, out=Path("transfer"))
    assert_type(moved, seqfer.Transfer)
    combined = seqfer.ensemble(["small", Path("mine.safetensors")], data, fit_share=0.5)
    assert_type(combined, seqfer.Ensemble)
    hard = seqfer.stress("small", data, only=["blur"], images=100)
    assert_type(hard, seqfer.StressTest)
    valence = seqfer.evaluate_valence("compact", "fer2013.jsonl", split="PublicTest")
    assert_type(valence, seqfer.ValenceEvaluation)
    first = seqfer.evaluate("small", data, out="first")
    assert_type(first, seqfer.Evaluation)
    board = seqfer.leaderboard(["first", Path("cv")], groups=True)
    assert_type(board, seqfer.Leaderboard)
    compared = seqfer.compare_runs("first", Path("cv"), second="lstm")
    assert_type(compared, seqfer.PairedComparison)
    print(folds.comparison, moved.weights, combined.weights, hard.drops, first.confusion(), valence.table, board)
    best: float = board.record.groups[0].rows[0].error
    print(best, board.record.provenance.command)
    page: seqfer.Page = compared.report()
    page.save("comparison.html")
    accuracy: float = first.record.as_given.accuracy
    return [accuracy, hard.record.mean_accuracy, valence.record.scores["model"].ccc]


def raters(film: seqfer.Annotation, table: pd.DataFrame) -> list[float]:
    """Predictions in files and in memory beside raters, and a calibration to their study."""
    agreement = seqfer.compare_traces(film, ["ann.csv", Path("ben.csv")], lag="estimate")
    assert_type(agreement, seqfer.TraceComparison)
    study = seqfer.compare_traces({"a": table, "b": film, "c": "c.csv"}, "ratings", out="study")
    calibration = seqfer.calibrate("results", Path("ratings"), map="monotone", folds=5)
    assert_type(calibration, seqfer.ValenceCalibration)
    print(study.table, study.summary, agreement.aligned, agreement.raters, agreement.report(), calibration.table)
    written: list[Path] = seqfer.read_calibration("study/calibration.json").apply("results")
    print(written, calibration.map(table["valence"]))
    coded = seqfer.evaluate_aus("results", Path("ActionUnit_Labels"), folds=3)
    assert_type(coded, seqfer.ActionUnitEvaluation)
    print(coded.table, coded.videos, coded.report())
    return [one.ccc for one in agreement.record.films[0].figures] + [unit.icc31 for unit in coded.record.units]


def trainings(data: Path) -> list[Path]:
    """A model of one's own, of each kind."""
    encoder = seqfer.train(data, encoder="tiny", training={"epochs": 3})
    assert_type(encoder, seqfer.Training)
    made = [encoder, seqfer.train_head(data), seqfer.train_valence(data), seqfer.train_valence_head(data, resume=True)]
    print(encoder.history, assert_type(seqfer.export(encoder.weights, "mine.onnx"), seqfer.ExportedModel))
    return [one.weights for one in made]


def estimators(clips: list[np.ndarray], labels: list[str], people: list[str]) -> object:
    """scikit-learn's side."""
    folds = seqfer.PersonKFold(5)
    model = seqfer.SequenceClassifier(head="lstm")
    print(folds, seqfer.FaceSVM(), people, model.fit(clips, labels).predict(clips))
    whole = seqfer.ClipClassifier(encoder=Path("mine.safetensors"), classifier=model, device="cpu", verbose=True)
    return whole.fit(clips, labels).predict_proba(clips)


def ratings(videos: list[Path]) -> list[str]:
    """Raters in the browser."""
    with seqfer.rate(videos, out="ratings", axes=("valence", "arousal"), browser=False) as server:
        assert_type(server, seqfer.RatingServer)
        return [server.link, *server.rater_links.values()]


def viewer(run: Path) -> str:
    """A result in the browser."""
    with seqfer.view(run, raters=["ann.csv"], browser=False) as server:
        return assert_type(server, seqfer.ViewServer).link


def corrections(run: Path) -> seqfer.Annotation:
    """What a person corrected."""
    print(seqfer.read([run], corrected=True).failed)
    return assert_type(seqfer.apply_corrections(run, "corrected"), seqfer.Annotation)


def study(videos: Path) -> list[float]:
    """A study from recordings to a report."""
    opened = seqfer.open_study(seqfer.new_study(videos), out="report", every_s=2.0, lag="estimate", progress=False)
    assert_type(opened, seqfer.Study)
    print(seqfer.transcode([videos / "old.avi"]), opened.status(), [one.problem for one in opened.run()])
    with opened.rate() as server:
        print(server.rater_links)
    report = opened.report()
    assert_type(report, seqfer.StudyComparison)
    print(report.table, report.series, report.report())
    return [one.mean["rmse"] for one in report.record.figures]


def failures() -> str:
    """Every error is a SeqferError, with one line for the user."""
    try:
        seqfer.read("nowhere")
    except (seqfer.InputError, seqfer.SettingsError, seqfer.WeightsError, seqfer.TrainingError) as error:
        known: seqfer.SeqferError = error
        return f"{seqfer.__version__}: {known}"
    return ""
