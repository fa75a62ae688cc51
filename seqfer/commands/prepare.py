"""Check a copy of a corpus and make its manifest.

Says what the copy lacks against the published counts; a partial copy is fine. Every picture is opened once, so that a broken one is
found now and not in the middle of a training.

Example:
  seqfer prepare ck+ /data/CK+ -o ck.jsonl --classes six
  seqfer prepare folder /data/mine -o mine.jsonl
  seqfer prepare posed -o posed.jsonl
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer prepare`."""
    parser.add_argument("name", metavar="NAME", help="a corpus, see `seqfer datasets`")
    parser.add_argument(
        "root", metavar="ROOT", nargs="?", type=Path, help="folder of the copy (an embedded corpus needs none)"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="the manifest to write (.jsonl)")
    parser.add_argument("--classes", default="all", help="six, seven, fer2013 or all (default: all)")


def run(args: argparse.Namespace) -> int:
    """Prepare, write, print counts and notes."""
    from seqfer import parts
    from seqfer.emotions import class_list
    from seqfer.errors import InputError
    from seqfer.manifest import write_manifest

    corpus = parts.find("datasets", args.name)
    class_list(args.classes)
    if args.root is None and not getattr(corpus, "EMBEDDED", False):
        raise InputError(f"{args.name} needs the folder of your copy: seqfer prepare {args.name} ROOT -o {args.out}")
    if args.root is not None and not _is_there(args.root):
        raise InputError(f"{args.root}: no such folder; give the folder of your copy of {args.name}")
    manifest = corpus.prepare(args.root, args.out, classes=args.classes)
    write_manifest(manifest, args.out)
    print(
        f"{args.out}: {len(manifest.clips)} clips, {sum(len(c.frames) for c in manifest.clips)} frames, {len(manifest.people)} people"
    )
    for label in manifest.classes:
        print(f"  {label:<10} {sum(clip.label == label for clip in manifest.clips):6d}")
    unlabelled = sum(clip.label is None for clip in manifest.clips)
    if unlabelled:
        print(f"  {'(no label)':<10} {unlabelled:6d}")
    for note in manifest.notes:
        print(f"  note: {note}")
    return 0


def _is_there(path: Path) -> bool:
    """Path.exists, but a name that is too long or lies in a locked folder is not there instead of an error."""
    try:
        return path.exists()
    except OSError:
        return False
