"""Combine trained models: averaging, stacking, and logistic regressions on their features.

The features before each model's classifier are put side by side; one logistic regression per emotion, and a multinomial one, are fitted on
people kept back from training, and scored on --split beside the models themselves, averages of their probabilities and a stack on their
logits. Without --fit-split the people are those that `seqfer train` keeps back with this seed. Leaves ensemble.safetensors,
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
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer ensemble`."""
    parser.add_argument(
        "models",
        metavar="MODEL",
        nargs="*",
        help="two or more: names of `seqfer models` whose weights ship, or .safetensors files",
    )
    parser.add_argument("--data", required=True, help="a manifest (.jsonl) or an embedded corpus")
    parser.add_argument(
        "--split", default="", help="the split to score (default: everybody else, where the corpus has no splits)"
    )
    parser.add_argument("--fit-split", help="fit on this split, such as a validation part")
    parser.add_argument(
        "--train-split",
        help="otherwise: the split the models were trained on, whose held-back people are taken (Training)",
    )
    parser.add_argument(
        "--fit-share", type=float, help="the share of it that was kept back (default: what the models' files say)"
    )
    parser.add_argument("--seed", type=int, help="the seed the people were kept back with (default: 0)")
    parser.add_argument("--classes", help="six, seven, all or fer2013: these classes only (default: the corpus' own)")
    parser.add_argument(
        "--common-classes", action="store_true", help="models with different classes: take those that all know"
    )
    parser.add_argument(
        "--mirror", action="store_true", help="average every image with its mirror image (twice the time)"
    )
    parser.add_argument("--load", type=Path, metavar="FILE", help="score this fitted ensemble; nothing is fitted")
    parser.add_argument("--out", type=Path, help="folder for the files (default: runs/ensemble-DATA-SPLIT)")
    parser.add_argument("--quiet", action="store_true", help="no progress on screen")
    parser.add_argument("--json", action="store_true", help="print the report as JSON instead of the table")


def run(args: argparse.Namespace) -> int:
    """Fit or load, score, write, print."""
    import json

    from seqfer.core.files import without_nan, write_json
    from seqfer.experiments.ensemble.file import save_ensemble
    from seqfer.experiments.ensemble.run import evaluate_ensemble, fit_ensemble
    from seqfer.experiments.ensemble.settings import EnsembleSettings
    from seqfer.report.ensemble_report import console_table, write_ensemble_report
    from seqfer.runs.folder import default_folder
    from seqfer.runs.names import ENSEMBLE_HTML, ENSEMBLE_JSON, ENSEMBLE_WEIGHTS

    note = (lambda message: None) if args.quiet else (lambda message: print(message, file=sys.stderr, flush=True))
    stem = "-".join(["ensemble", Path(args.data).stem, *([args.split] if args.split else [])])
    out = args.out or default_folder(stem, resume=False)
    if args.load:
        _refuse_fitting(args)
        report = evaluate_ensemble(args.load, args.data, split=args.split, models=args.models, note=note)
        report["loaded"] = str(args.load)
    else:
        given = {
            "fit_split": args.fit_split,
            "train_split": args.train_split,
            "fit_share": args.fit_share,
            "seed": args.seed,
        }
        settings = EnsembleSettings(
            models=tuple(args.models),
            data=args.data,
            split=args.split,
            classes=args.classes or "",
            common_classes=args.common_classes,
            mirror=args.mirror,
            **{k: v for k, v in given.items() if v is not None},
        )
        ensemble, report = fit_ensemble(settings, note)
        report["checksum"] = save_ensemble(out / ENSEMBLE_WEIGHTS, ensemble)
    report = without_nan({**report, "command": shlex.join(["seqfer", *sys.argv[1:]])})
    write_json(out / ENSEMBLE_JSON, report)
    write_ensemble_report(report, out / ENSEMBLE_HTML)
    print(json.dumps(report, indent=1, ensure_ascii=False) if args.json else console_table(report))
    if not args.json:
        print(f"\nReport: {out / ENSEMBLE_HTML}")
    return 0


def _refuse_fitting(args: argparse.Namespace) -> None:
    """A loaded ensemble keeps what it was fitted with: an option that would change it must not be passed over in silence."""
    from seqfer.core.errors import SettingsError

    names = ("fit_split", "train_split", "fit_share", "seed", "classes", "common_classes", "mirror")
    given = [name for name in names if getattr(args, name) not in (None, False)]
    if given:
        raise SettingsError(
            f"--{given[0].replace('_', '-')} says how to fit, and --load fits nothing; leave one of them out"
        )
