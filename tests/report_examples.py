"""Made-up but plausible report dictionaries for the tests of the pages. No number here was measured."""

from __future__ import annotations

import random
from statistics import fmean, stdev
from typing import Any

CLASSES = ["anger", "disgust", "fear", "happiness", "sadness", "surprise"]
SUPPORT = [9, 12, 5, 14, 6, 16]
HEADS = {
    "bilstm": ("BiLSTM", 0.132, 71_686, 90_292),
    "lstm": ("LSTM", 0.146, 73_206, 94_606),
    "mean": ("mean of frames", 0.171, 186, None),
    "linear_svm": ("linear SVM", 0.318, 13_830, None),
}


def confusion(chance: random.Random, error: float) -> list[list[int]]:
    """Counts for one test fold: rows actual."""
    rows = []
    for k, support in enumerate(SUPPORT):
        row = [0] * len(SUPPORT)
        for _ in range(support):
            wrong = chance.random() < error * (2.2 if k in (2, 4) else 0.8)
            row[chance.choice([j for j in range(len(SUPPORT)) if j != k]) if wrong else k] += 1
        rows.append(row)
    return rows


def add(tables: list[list[list[int]]]) -> list[list[int]]:
    """The sum of confusion matrices."""
    return [[sum(t[i][j] for t in tables) for j in range(len(SUPPORT))] for i in range(len(SUPPORT))]


def per_class(table: list[list[int]]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 from counts."""
    result = {}
    for k, label in enumerate(CLASSES):
        predicted, support = sum(row[k] for row in table), sum(table[k])
        precision, recall = table[k][k] / predicted, table[k][k] / support
        result[label] = {
            "precision": precision,
            "recall": recall,
            "f1": 2 * precision * recall / (precision + recall),
            "support": support,
        }
    return result


def reliability(chance: random.Random) -> list[dict[str, float]]:
    """Ten bins of a somewhat too sure model, the lowest ones empty."""
    bins = []
    for k in range(10):
        confidence = (k + 0.5) / 10
        empty = k < 2
        bins.append(
            {
                "confidence": float("nan") if empty else confidence,
                "accuracy": float("nan") if empty else max(0.0, confidence - 0.08 * chance.random() - 0.02),
                "count": 0 if empty else 12 * k * k,
            }
        )
    return bins


def curve(chance: random.Random, repeat: int, fold: int) -> dict[str, Any]:
    """Losses that fall, the validation loss less far, stopped early."""
    epochs = chance.randint(24, 40)
    train = [1.85 * 0.9**e + 0.05 * chance.random() for e in range(epochs)]
    valid = [1.85 * 0.91**e + 0.16 + 0.003 * e + 0.1 * chance.random() for e in range(epochs)]
    return {
        "repeat": repeat,
        "fold": fold,
        "train_loss": train,
        "validation_loss": valid,
        "validation_error": [v / 4 for v in valid],
    }


def head(name: str, repeats: int = 5, folds: int = 5) -> dict[str, Any]:
    """One head of a cross-validation."""
    title, error, parameters, stated = HEADS[name]
    chance = random.Random(name)
    tables = [[confusion(chance, error) for _ in range(folds)] for _ in range(repeats)]
    rates = [[1 - sum(t[k][k] for k in range(len(SUPPORT))) / sum(SUPPORT) for t in repeat] for repeat in tables]
    means = [fmean(rate) for rate in rates]
    pooled = add([t for repeat in tables for t in repeat])
    values = per_class(pooled)
    return {
        "title": title,
        "error_rate_mean": fmean(means),
        "error_rate_sem": stdev(means) / len(means) ** 0.5 if repeats > 1 else None,
        "error_rate_sem_over": "repeats",
        "error_rates": rates,
        "error_rate_per_repeat": means,
        "parameters": parameters,
        "parameters_projection": None,
        "parameters_stated": stated,
        "parameters_encoder": 54_480,
        "confusion": pooled,
        "confusions": tables,
        "per_class": values,
        "macro_f1": sum(v["f1"] for v in values.values()) / len(values),
        "undefined": 0,
        "ece": 0.041,
        "reliability": reliability(chance) if name != "linear_svm" else None,
        "curves": [curve(chance, r, f) for r in range(repeats) for f in range(folds)] if name.endswith("lstm") else [],
        "seconds": 12.5,
    }


def compared(first: str, second: str, difference: float, p: float) -> dict[str, Any]:
    """One comparison of two heads."""
    error = 0.009
    return {
        "heads": [first, second],
        "difference": difference,
        "standard_error": error,
        "t": difference / error,
        "df": 24,
        "p_value": p,
        "test": "corrected resampled t-test (Nadeau & Bengio 2003)",
        "n": 25,
    }


def cv_report(repeats: int = 5, folds: int = 5) -> dict[str, Any]:
    """A whole report of `seqfer cv`."""
    return {
        "seqfer": "0.1.0",
        "command": "seqfer cv --manifest ckplus.jsonl --folds 5 --repeats 5 --heads bilstm,lstm,mean,linear_svm",
        "created": "2025-01-31T12:00:00+00:00",
        "protocol": {
            "task": "emotion",
            "corpus": "ck+",
            "folds": folds,
            "repeats": repeats,
            "clips": 309,
            "people": 106,
            "frames": 5487,
            "classes": CLASSES,
            "person_disjoint": True,
            "seed": 1,
            "encoder": "resezap",
            "encoder_weights": "resezap-fer2013",
            "train_encoder": False,
            "validation_share": 0.15,
            "data_checksum": "3f9c" * 16,
            "encoder_checksum": "77aa" * 16,
            "folds_checksum": "bd01" * 16,
            "notes": ["11 clips of the published 320 are missing from this copy."],
        },
        "settings": {"epochs": 60, "batch": 16, "optimiser": {"name": "adam", "rate": 0.001}, "augment": True},
        "versions": {"python": "3.11.9", "torch": "2.6.0", "numpy": "1.26.4"},
        "machine": {"system": "Linux", "cores": 2, "device": "cpu"},
        "seconds": 3725.0,
        "heads": {name: head(name, repeats, folds) for name in HEADS},
        "comparison": compared("bilstm", "lstm", -0.014, 0.1329),
        "comparisons": [
            compared("bilstm", "mean", -0.039, 0.00019),
            compared("lstm", "mean", -0.025, 0.0104),
            compared("linear_svm", "mean", 0.147, 2.6e-14),
        ],
    }


def evaluated(name: str, error: float, images: int) -> dict[str, Any]:
    """One side of an evaluation."""
    chance = random.Random(name)
    table = add([confusion(chance, error) for _ in range(images // sum(SUPPORT))])
    count = sum(map(sum, table))
    values = per_class(table)
    return {
        "accuracy": sum(table[k][k] for k in range(len(CLASSES))) / count,
        "macro_f1": sum(v["f1"] for v in values.values()) / len(values),
        "per_class": values,
        "undefined": 0,
        "confusion": table,
        "ece": 0.052,
        "reliability": reliability(chance),
        "count": count,
    }


def evaluate_report() -> dict[str, Any]:
    """A whole report of `seqfer evaluate`."""
    given, cleaned = evaluated("given", 0.27, 3589), evaluated("cleaned", 0.28, 3480)
    return {
        "seqfer": "0.1.0",
        "model": "resezap-fer2013",
        "model_checksum": "ab12" * 16,
        "encoder": "resezap",
        "input_size": 0,
        "parameters": 54_480,
        "data": "fer2013",
        "corpus": "fer2013",
        "data_checksum": "2a06" * 16,
        "split": "PrivateTest",
        "classes": CLASSES,
        "images": given["count"],
        "mirror": False,
        "prior": "training",
        "as_given": given,
        "with_training_prior": None,
        "without_crossing_duplicates": cleaned,
        "temperature": 1.31,
        "seconds": 41.2,
        "versions": {"python": "3.11.9", "torch": "2.6.0"},
        "machine": {"system": "Linux", "cores": 2, "device": "cpu"},
        "command": "seqfer evaluate --model resezap-fer2013 fer2013.jsonl --split PrivateTest",
        "created": "2025-01-31T12:00:00+00:00",
    }
