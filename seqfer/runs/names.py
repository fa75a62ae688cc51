"""The names of the files in a run folder and in a video folder, each written down here and nowhere else."""

from __future__ import annotations

# Every run folder: what it was started with.
SETTINGS_JSON, VERSIONS_JSON = "settings.json", "versions.json"

# Cross-validations and transfers.
REPORT_JSON, REPORT_HTML = "report.json", "report.html"
FOLDS_JSON, PARTS_FOLDER = "folds.json", "parts"

# Predictions by clip: cross-validations, evaluations, stress tests; and the comparison of two runs.
PREDICTIONS_CSV, PREDICTIONS_PARQUET, COMPARISON_JSON = "predictions.csv", "predictions.parquet", "comparison.json"

# Evaluations, ensembles, stress tests, leaderboards.
EVALUATE_JSON, EVALUATE_HTML = "evaluate.json", "evaluate.html"
ENSEMBLE_JSON, ENSEMBLE_HTML, ENSEMBLE_WEIGHTS = "ensemble.json", "ensemble.html", "ensemble.safetensors"
STRESS_JSON, STRESS_CSV, STRESS_HTML = "stress.json", "stress.csv", "stress.html"
LEADERBOARD_JSON, LEADERBOARD_CSV, LEADERBOARD_HTML = "leaderboard.json", "leaderboard.csv", "leaderboard.html"

# Trainings.
HISTORY_JSON = "history.json"
ENCODER_WEIGHTS, VALENCE_WEIGHTS, SEQUENCE_WEIGHTS = (
    "encoder.safetensors",
    "valence.safetensors",
    "sequence.safetensors",
)
CHECKPOINT_WEIGHTS, FAILED_WEIGHTS = "checkpoint.safetensors", "failed.safetensors"

# Predictions against raters, and calibrations.
EVALUATION_JSON, ALIGNED_CSV, ALIGNED_FOLDER = "evaluation.json", "aligned.csv", "aligned"
CALIBRATION_JSON, FILMS_CSV = "calibration.json", "films.csv"

# Reports of studies; the figures of their recordings are a folder of `seqfer evaluate-trace`.
STUDY_JSON, STUDY_CSV, EVALUATION_FOLDER = "study.json", "study.csv", "evaluation"

# Video folders.
FRAMES_CSV, FRAMES_PARQUET, TRACKS_CSV = "frames.csv", "frames.parquet", "tracks.csv"
LANDMARKS_PARQUET, BLINKS_CSV = "landmarks.parquet", "blinks.csv"
SECONDS_CSV, CALIBRATED_CSV = "valence_1hz.csv", "valence_1hz_calibrated.csv"
CORRECTIONS_JSON = "corrections.json"
SUMMARY_JSON = "summary.json"  # the names of further files are declared by the plug-ins in seqfer/film/output/formats/
CHECKSUMS = "checksums.sha256"  # of every file of a finished video folder
WORK_FOLDER, WORK_KEY_JSON = ".work", "key.json"
