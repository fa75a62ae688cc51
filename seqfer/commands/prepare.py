"""Check a copy of a corpus and make its manifest.

Lists what the copy lacks compared with the published counts; an incomplete copy can be used. Every picture is opened once, so that a broken one is
found now and not during a training; still images that occur twice, exactly or nearly, are counted and marked. --test-share holds out a share of the
people of a corpus without official splits for testing: their clips get the split Test, all others Training.

Example:
  seqfer prepare ck+ /data/CK+ -o ck.jsonl --classes six
  seqfer prepare folder /data/mine -o mine.jsonl
  seqfer prepare posed -o posed.jsonl
  seqfer prepare multipie /data/MultiPIE -o multipie.jsonl --also squint=contempt,scream=fear --test-share 0.2
"""

from __future__ import annotations

import argparse

from seqfer.commands._options import add_settings, as_path, settings_from
from seqfer.corpus.settings import PrepareSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer prepare`."""
    parser.add_argument("name", metavar="NAME", help="a corpus, see `seqfer datasets`")
    parser.add_argument(
        "root", metavar="ROOT", nargs="?", type=as_path, help="folder of the copy (an embedded corpus needs none)"
    )
    parser.add_argument("-o", "--out", type=as_path, required=True, help="the manifest to write (.jsonl)")
    add_settings(parser, PrepareSettings, "classes", "also", "test_share", "duplicates", "seed", "people")


def run(args: argparse.Namespace) -> int:
    """Prepare, write, print counts and notes."""
    from seqfer.results.corpus import run_prepare

    print(run_prepare(args.name, args.root, args.out, settings_from(args, PrepareSettings)))
    return 0
