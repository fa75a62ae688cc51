"""Combine trained models: averaging, stacking, and logistic regressions on their features.

The features before each model's classifier are concatenated; one logistic regression per emotion, and a multinomial one, are fitted on
people held out from training, and evaluated on --split, together with the models themselves, averages of their probabilities and stacking on
their logits. Without --fit-split the people are those that `seqfer train` holds out with this seed. Writes ensemble.safetensors,
ensemble.json and ensemble.html.

Example:
  seqfer ensemble small compact --data fer2013.jsonl --split PublicTest
  seqfer ensemble runs/vgg16/encoder.safetensors runs/resnet50/encoder.safetensors --data fer2013.jsonl --split PrivateTest --fit-split PublicTest
  seqfer ensemble --load runs/ensemble-fer2013/ensemble.safetensors --data fer2013.jsonl --split PrivateTest
"""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from seqfer.commands._options import add_setting_argument, add_settings, as_path, settings_from
from seqfer.commands._runs import add_quiet
from seqfer.core.errors import SettingsError
from seqfer.core.one_line import one_line
from seqfer.experiments.ensemble.settings import EnsembleSettings

FITTING = ("fit_split", "train_split", "fit_share", "seed", "classes", "common_classes", "mirror")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer ensemble`."""
    add_setting_argument(parser, EnsembleSettings, "models", nargs="*")
    add_settings(parser, EnsembleSettings, "data", "split", *FITTING, "device")
    parser.add_argument("--load", type=as_path, metavar="FILE", help="score this fitted ensemble; nothing is fitted")
    parser.add_argument("--out", type=as_path, help="folder for the files (default: runs/ensemble-DATA-SPLIT)")
    add_quiet(parser)
    parser.add_argument("--json", action="store_true", help="print the report as JSON instead of the table")


def run(args: argparse.Namespace) -> int:
    """Fit or load, score, write, print."""
    import json

    from seqfer.experiments.ensemble.file import save_ensemble
    from seqfer.experiments.ensemble.run import evaluate_ensemble, fit_ensemble
    from seqfer.report.ensemble_report import console_table, write_ensemble_report
    from seqfer.runs.folder import default_folder
    from seqfer.runs.names import ENSEMBLE_HTML, ENSEMBLE_JSON, ENSEMBLE_WEIGHTS
    from seqfer.runs.records import as_json, write_record

    on_message = (
        (lambda message: None)
        if args.quiet
        else (lambda message: print(one_line(message), file=sys.stderr, flush=True))
    )
    settings = settings_from(args, EnsembleSettings)
    if not settings.data:
        raise SettingsError("no data; give a manifest (.jsonl) or an embedded corpus with --data")
    stem = "-".join(["ensemble", Path(settings.data).stem, *([settings.split] if settings.split else [])])
    out = args.out or default_folder(stem, resume=False)
    if args.load:
        _refuse_fitting(settings)
        report = evaluate_ensemble(
            args.load,
            settings.data,
            split=settings.split,
            models=settings.models,
            device=settings.device,
            on_message=on_message,
        )
        report = replace(report, loaded=str(args.load))
    else:
        ensemble, report = fit_ensemble(settings, on_message)
        report = replace(report, checksum=save_ensemble(out / ENSEMBLE_WEIGHTS, ensemble))
    report = replace(report, command=shlex.join(["seqfer", *sys.argv[1:]]))
    write_record(out / ENSEMBLE_JSON, report)
    write_ensemble_report(report, out / ENSEMBLE_HTML)
    print(json.dumps(as_json(report), indent=1, ensure_ascii=False) if args.json else console_table(report))
    if not args.json:
        print(f"\nReport: {out / ENSEMBLE_HTML}")
    return 0


def _refuse_fitting(settings: EnsembleSettings) -> None:
    """Raises SettingsError for options of the fit: a loaded ensemble cannot be changed."""
    unchanged = EnsembleSettings()
    given = [name for name in FITTING if getattr(settings, name) != getattr(unchanged, name)]
    if given:
        raise SettingsError(
            f"--{given[0].replace('_', '-')} is an option of the fit, and --load fits nothing; omit one of them"
        )
