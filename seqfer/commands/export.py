"""Write a trained model as one file for other programs: ONNX, or torch's .pt2.

The file takes pixels and returns logits and calibrated probabilities; classes, temperature and preprocessing are in its metadata. Without a temporal
head it takes single faces; with one the faces of one track in time order, and their times. Before it is written its probabilities are compared with
those of seqfer. ONNX needs the package onnx: pip install seqfer[onnx].

Example:
  seqfer export small -o small.onnx
  seqfer export compact --head average -o compact.onnx
  seqfer export runs/mine/encoder.safetensors --format torch -o mine.pt2
"""

from __future__ import annotations

import argparse

from seqfer.commands._options import add_setting_argument, add_settings, as_path, settings_from
from seqfer.models.settings import ExportSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer export`."""
    add_setting_argument(parser, ExportSettings, "model")
    add_settings(parser, ExportSettings, "format", "head", "causal")
    parser.add_argument("-o", "--out", type=as_path, help="the file to write (default: MODEL.onnx or MODEL.pt2)")


def run(args: argparse.Namespace) -> int:
    """Export, and say what was written."""
    from seqfer.results.export import run_export

    print(run_export(settings_from(args, ExportSettings), args.out))
    return 0
