"""Made-up report dictionaries of valence, stress, ensembles, transfers and leaderboards, for the tests of their pages. No number was measured."""

from __future__ import annotations

from typing import Any

from report_examples import curve, reliability

WHEN = {"seconds": 61.0, "created": "2025-01-31T12:00:00+00:00", "command": "seqfer ...", "seqfer": "0.1.0"}
MACHINE = {"processor": "Tested <CPU>", "cores": 2, "system": "Linux x86_64"}
MEASURES = ("rmse", "ccc", "pcc", "sagr", "mae")


def _scores(ccc: float, rmse: float, **changed: Any) -> dict[str, Any]:
    """Two repeats of two folds, around the means."""
    means = {"rmse": rmse, "ccc": ccc, "pcc": ccc + 0.01, "sagr": 0.8, "mae": 0.8 * rmse} | changed
    return {
        name: {
            "mean": mean,
            "sem": None if mean is None else 0.004,
            "folds": [[None if mean is None else mean + step for step in (-0.01, 0.01)] for _ in range(2)],
            "per_repeat": [mean, mean],
            "undefined": 4 if mean is None else 0,
        }
        for name, mean in means.items()
    }


def _valence_head(title: str, ccc: float, rmse: float, encoder: int | None, **changed: Any) -> dict[str, Any]:
    import random

    density = [[0] * 4 for _ in range(4)]
    density[0][0], density[3][3], density[3][2] = 16, 4, 1
    return {
        "title": title,
        "scores": _scores(ccc, rmse, **changed),
        "sem_over": "repeats",
        "parameters": 100,
        "parameters_projection": None,
        "parameters_encoder": encoder,
        "density": density,
        "curves": [curve(random.Random(1), 0, 0)] if encoder else [],
        "seconds": 12.5,
    }


def _compared(first: str, second: str, measure: str, difference: float | None, p: float | None) -> dict[str, Any]:
    return {
        "heads": [first, second],
        "measure": measure,
        "higher_is_better": measure != "rmse",
        "test": "corrected resampled t-test (Nadeau & Bengio 2003)",
        "difference": difference,
        "standard_error": 0.004,
        "t": None if difference is None else difference / 0.004,
        "df": 3,
        "p_value": p,
        "n": 4,
    }


def valence_report() -> dict[str, Any]:
    """A report of `seqfer cv --task valence`: BiLSTM, LSTM, and the constant."""
    heads = {
        "bilstm": _valence_head("BiLSTM", 0.95, 0.05, 54_480),
        "lstm": _valence_head("LSTM", 0.94, 0.06, 54_480),
        "constant": _valence_head("Constant", 0.0, 0.4, None, pcc=None),
    }
    return {
        **WHEN,
        "protocol": {
            "task": "valence",
            "corpus": "posed",
            "folds": 2,
            "repeats": 2,
            "clips": 24,
            "people": 8,
            "frames": 400,
            "frames_at_zero": 100,
            "classes": ["anger", "fear"],
            "valence_mean": -0.1,
            "valence_std": 0.45,
            "person_disjoint": True,
            "seed": 1,
            "encoder": "tiny",
            "encoder_weights": "none",
            "train_encoder": True,
            "validation_share": 0.15,
            "data_checksum": "3f9c" * 16,
            "encoder_checksum": "77aa" * 16,
            "folds_checksum": "bd01" * 16,
            "notes": ["One clip is missing."],
        },
        "settings": {},
        "versions": {},
        "machine": MACHINE,
        "heads": heads,
        "comparison": {
            m: _compared("bilstm", "lstm", m, d, p) for m, d, p in (("ccc", 0.0104, 0.013), ("rmse", -0.01, 0.31))
        },
        "comparisons": {m: [_compared("lstm", "constant", m, d, 1e-5)] for m, d in (("ccc", 0.94), ("rmse", -0.34))},
        "examples": [
            {
                "clip": f"clip {rank}",
                "rank": rank,
                "of": 24,
                "head": "bilstm",
                "rmse": 0.01 * rank,
                "truth": [0.0, 0.5, 1.0],
                "heads": {"bilstm": [0.0, 0.4, 0.9], "lstm": [0.1, 0.3, 0.8]},
            }
            for rank in (1, 12, 24)
        ],
    }


def evaluate_valence_report() -> dict[str, Any]:
    """A report of `seqfer evaluate-valence`: one undefined value, and one baseline without intervals."""

    def scores(rmse: float, ccc: float | None, interval: list[float | None]) -> dict[str, Any]:
        values = {**dict.fromkeys(MEASURES, 0.5), "rmse": rmse, "ccc": ccc, "n": 90, "sagr_of_signed": 0.5}
        return {**values, "intervals": dict.fromkeys(MEASURES, interval)}

    return {
        **WHEN,
        "model": "compact",
        "encoder": "tiny",
        "model_checksum": "ab" * 32,
        "data": "fer.jsonl",
        "split": "Test",
        "images": 90,
        "left_out": 10,
        "least_votes": 6,
        "mirror": False,
        "norms_of": "small",
        "mean_of": "Training",
        "without_sign": 3,
        "scores": {
            "model": scores(0.2, 0.75, [0.1, 0.3]),
            "norms": scores(0.3, 0.5, [None, None]),
            "constant": scores(0.4, None, [0.1, 0.3]),
        },
        "versions": {},
        "machine": MACHINE,
    }


def _level(level: int, accuracy: float | None, count: int = 100) -> dict[str, Any]:
    given = accuracy is not None
    return {
        "level": level,
        "strength": f"{level} px",
        "accuracy": accuracy,
        "low": accuracy - 0.05 if given else None,
        "high": accuracy + 0.05 if given else None,
        "macro_f1": accuracy - 0.02 if given else None,
        "ece": 0.1 if given else None,
        "count": count,
    }


def _corruption(name: str, accuracies: list[float | None]) -> dict[str, Any]:
    later = [a for a in accuracies[1:] if a is not None]
    mean = sum(later) / len(later)
    return {
        "name": name,
        "what": f"what {name} does",
        "kind": "geometry",
        "levels": [_level(k, a) for k, a in enumerate(accuracies)],
        "mean_accuracy": mean,
        "mean_drop": (accuracies[0] or 0.0) - mean,
        "mean_drop_se": 0.01,
    }


def stress_report() -> dict[str, Any]:
    """A report of `seqfer stress` with two corruptions and two groups."""
    rows = [_corruption("shift", [0.8, 0.6, 0.4]), _corruption("mirror", [0.8, 0.78])]
    groups = [
        {
            "group": name,
            "clean": _level(0, first, 40),
            "mean_accuracy": first - 0.2,
            "mean_drop": 0.2,
            "mean_drop_se": 0.01,
            "corruptions": [
                _corruption("shift", [first, first - 0.2, first - 0.4]),
                _corruption("mirror", [first, first]),
            ],
        }
        for name, first in (("yes", 0.7), ("no", 0.9))
    ]
    return {
        **WHEN,
        "model": "compact",
        "model_checksum": "ab12" * 16,
        "data_checksum": "2a06" * 16,
        "corruptions_checksum": "9e9e" * 16,
        "parameters": 54_480,
        "temperature": 1.0,
        "data": "fer.jsonl",
        "split": "PublicTest",
        "classes": ["anger", "fear"],
        "images": 100,
        "seed": 0,
        "input_size_px": 48,
        "clean": _level(0, 0.8),
        "mean_accuracy": 0.64,
        "mean_drop": 0.16,
        "corruptions": rows,
        "attribute": "glasses",
        "groups": groups,
        "in_no_group": 20,
        "settings": {},
        "versions": {},
        "machine": MACHINE,
    }


def _row(name: str, accuracy: float | None, **more: Any) -> dict[str, Any]:
    """A row of scores of two classes."""
    import random

    right = round(50 * (accuracy or 0))
    interval = [accuracy - 0.05, accuracy + 0.05] if accuracy is not None else [None, None]
    return {
        "name": name,
        "title": name,
        "accuracy": accuracy,
        "macro_f1": accuracy,
        "ece": 0.05,
        "count": 100,
        "people": 20,
        "intervals": {"accuracy": interval, "macro_f1": interval, "ece": [0.02, 0.08]},
        "per_class": {
            c: {"precision": accuracy, "recall": accuracy, "f1": accuracy, "support": 50} for c in ("anger", "fear")
        },
        "undefined": 0,
        "confusion": [[right, 50 - right], [50 - right, right]],
        "reliability": reliability(random.Random(2)),
        **more,
    }


def _difference(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.02, "high": value + 0.02}


def ensemble_report() -> dict[str, Any]:
    """A report of `seqfer ensemble`: two members, an average and a regression."""
    one, two = "runs/one/encoder.safetensors", "runs/two/encoder.safetensors"
    return {
        **WHEN,
        "members": [
            {
                "name": name,
                "encoder": "tiny",
                "input_size": 0,
                "checksum": "cd34" * 16,
                "parameters": size,
                "features": 64,
                "trained_on": {"corpus": "fer2013", "split": "Training", "seed": 0},
            }
            for name, size in ((one, 1000), (two, 2500))
        ],
        "data": "fer.jsonl",
        "corpus": "fer2013",
        "data_checksum": "2a06" * 16,
        "mirror": False,
        "split": "PrivateTest",
        "classes": ["anger", "fear"],
        "images": 100,
        "people": 20,
        "fitted_on": {"clips": 300, "people": 60, "words": "split PublicTest", "left_out_copies": 7},
        "weights": [0.25, 0.75],
        "features": 128,
        "best_member": two,
        "rows": [
            _row(one, 0.6, kind="member", over_best_member=_difference(-0.1), accuracy_without_copies=None),
            _row(two, 0.7, kind="member", over_best_member=_difference(0.0), accuracy_without_copies=None),
            _row("average", 0.72, kind="combination", over_best_member=_difference(0.02), accuracy_without_copies=None),
            _row(
                "multinomial",
                0.74,
                kind="combination",
                over_best_member=_difference(0.04),
                accuracy_without_copies=None,
                strength=0.1,
                strength_chosen=False,
                converged=False,
            ),
        ],
        "notes": ["Scored without surprise."],
        "versions": {},
        "machine": MACHINE,
    }


def transfer_report() -> dict[str, Any]:
    """A report of `seqfer transfer` under both protocols, with a network from scratch."""

    def rows(shift: float) -> list[dict[str, Any]]:
        shared = {
            "error_rates": [0.3],
            "error_rate_mean": 0.3,
            "error_rate_sem": None,
            "left_out": 0,
            "trainable": 100,
            "epochs": 3.0,
            "seconds": 1.0,
            "validation_error": 0.3,
            "validation_loss": 0.9,
            "temperatures": [1.1],
        }
        return [
            _row(
                "zero_shot",
                0.5 + shift,
                **shared | {"left_out": 12},
                over_zero_shot=None,
                over_scratch=_difference(-0.05),
            ),
            _row("head", 0.6 + shift, **shared, over_zero_shot=_difference(0.1), over_scratch=_difference(0.05)),
            _row("stage4", 0.7 + shift, **shared, over_zero_shot=_difference(0.2), over_scratch=_difference(0.15)),
            _row("scratch", 0.55 + shift, **shared, over_zero_shot=_difference(0.05), over_scratch=None),
        ]

    return {
        **WHEN,
        "model": "runs/vgg/encoder.safetensors",
        "model_checksum": "cd34" * 16,
        "encoder": "tiny",
        "stages": ["stage1", "stage2"],
        "data": "ck.jsonl",
        "corpus": "ck48",
        "data_checksum": "5c96" * 16,
        "folds_checksums": {"person": "a115" * 16, "plain": "b226" * 16},
        "input_size": 0,
        "classes": ["anger", "fear"],
        "new_classes": ["fear"],
        "images": 100,
        "people": 20,
        "folds": 0,
        "protocol_titles": {"person": "people not in training", "plain": "plain image split"},
        "protocols": {"person": rows(0.0), "plain": rows(0.1)},
        "sizes": {
            "person": {"train": [80], "validation": [10], "test": [10], "people_in_both": [0]},
            "plain": {"train": [80], "validation": [10], "test": [9, 10], "people_in_both": [7]},
        },
        "chosen": "stage4",
        "settings": {"seed": 3},
        "versions": {},
        "machine": MACHINE,
    }


def leaderboard_report() -> dict[str, Any]:
    """A board of two groups: three cross-validated heads, of which one is undefined, and one evaluated model."""

    def row(rank: int | None, model: str, error: float | None, **more: Any) -> dict[str, Any]:
        return {
            "rank": rank,
            "model": model,
            "run": "runs/a",
            "clips": 309,
            "error": error,
            "standard_error": None if error is None else 0.008,
            "standard_error_over": "repeats",
            "macro_f1": None if error is None else 1 - error,
            "ece": 0.041,
            "parameters": 71_686,
            "multiplications": 1_234_567,
            "ms_per_face": 0.52,
        } | more

    group = {"folds_checksum": "ff00" * 16, "data_checksum": "3f9c" * 16, "classes": ["anger", "fear"], "drawn": ""}
    return {
        **WHEN,
        "by": "error",
        "machine": MACHINE,
        "versions": {},
        "timing": {"batch": 1, "threads": 1, "median_of": 31},
        "groups": [
            group
            | {
                "kind": "cross-validation",
                "corpus": "ck+",
                "how": "5 x 5 folds",
                "split": "",
                "heading": "ck+, 5 x 5 folds, 2 classes",
                "rows": [
                    row(1, "BiLSTM", 0.132),
                    row(2, "LSTM", 0.146),
                    row(None, "<odd>", None, parameters=None, multiplications=None, ms_per_face=None),
                ],
            },
            group
            | {
                "kind": "test set",
                "corpus": "fer2013",
                "how": "PrivateTest",
                "split": "PrivateTest",
                "folds_checksum": None,
                "heading": "fer2013, PrivateTest, 2 classes",
                "rows": [row(1, "compact", 0.3)],
            },
        ],
    }
