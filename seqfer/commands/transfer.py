"""Fine-tune a trained model on another corpus: classifier first, then its last stages in turn.

Evaluates the unchanged model, the model with a new classifier, and the model after each stage, on people who were not used for training.
--split-protocol person,plain also runs the usual split by image, in which the same people are in training and test set, to show how much it
overestimates the accuracy. Of a single division (80-10-10) the stage with the lowest validation loss is saved as encoder.safetensors; with --folds
every person is tested once. Writes report.json and report.html; an interrupted run resumes at the last finished stage.

Example:
  seqfer transfer compact --data kdef.jsonl --unfreeze last:2
  seqfer transfer compact --data ck48.jsonl --folds 5 --stages 1,2,all --from-scratch --out runs/ck48
  seqfer transfer --out runs/ck48 --resume
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from seqfer.commands._options import add_setting_argument, add_settings, as_whole_number
from seqfer.commands._runs import add_run_arguments, settings_and_folder
from seqfer.experiments.transfer.settings import TransferSettings

OPTIONS = ("data", "unfreeze", "stages", "protocols", "folds", "from_scratch", "classes", "seed", "device", "threads")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer transfer`; those not given keep the config file's value, or the default."""
    add_setting_argument(parser, TransferSettings, "model")
    add_settings(parser, TransferSettings, *OPTIONS, spelled={"protocols": "--split-protocol"})
    add_run_arguments(parser, "transfer-MODEL-DATA-seedSEED")
    parser.add_argument(
        "--jobs",
        type=as_whole_number,
        default=0,
        metavar="N",
        help="folds in parallel (default: one per core; does not change the results)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON instead of the table")


def run(args: argparse.Namespace) -> int:
    """Run, write the reports, print the table."""
    import json

    from seqfer.report.transfer_report import console_table
    from seqfer.results.transfer import run_transfer
    from seqfer.runs.names import REPORT_HTML
    from seqfer.runs.records import as_json

    settings, out = settings_and_folder(args, TransferSettings, _folder)
    command = shlex.join(["seqfer", *sys.argv[1:]])
    record = run_transfer(settings, out, command=command, resume=args.resume, jobs=args.jobs, quiet=args.quiet)
    print(json.dumps(as_json(record), indent=1, ensure_ascii=False) if args.json else console_table(record))
    if not args.json:
        print(f"\nReport: {out / REPORT_HTML}")
    return 0


def _folder(settings: TransferSettings) -> str:
    from seqfer.runs.folder import model_stem

    return f"transfer-{model_stem(settings.model)}-{Path(settings.data).stem}-seed{settings.seed}"
