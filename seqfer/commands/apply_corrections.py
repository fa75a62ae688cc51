"""Write the tables of an annotated video again with the corrections that were made in `seqfer view`.

RUN is a folder of annotate-video with corrections.json: faces merged into one person, split, excluded, named. The result is a folder of its own,
with all tables, means and the report, which every command reads that reads runs. RUN is not changed.

Example:
  seqfer apply-corrections movie-seqfer
  seqfer apply-corrections movie-seqfer --out checked/movie
"""

from __future__ import annotations

import argparse

from seqfer.commands._options import as_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer apply-corrections`."""
    parser.add_argument("run_folder", type=as_path, metavar="RUN", help="a folder of annotate-video with corrections")
    parser.add_argument("--out", type=as_path, help="the new folder (default: RUN-corrected)")


def run(args: argparse.Namespace) -> int:
    """Apply, and say where."""
    from seqfer.results.correcting import apply_corrections

    print(apply_corrections(args.run_folder, args.out))
    return 0
