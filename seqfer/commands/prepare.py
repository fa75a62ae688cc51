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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqfer.commands._options import add_settings, as_path, settings_from
from seqfer.core.errors import InputError, SettingsError
from seqfer.core.one_line import one_line
from seqfer.corpus.settings import PrepareSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer prepare`."""
    parser.add_argument("name", metavar="NAME", help="a corpus, see `seqfer datasets`")
    parser.add_argument(
        "root", metavar="ROOT", nargs="?", type=as_path, help="folder of the copy (an embedded corpus needs none)"
    )
    parser.add_argument("-o", "--out", type=as_path, required=True, help="the manifest to write (.jsonl)")
    add_settings(parser, PrepareSettings, "classes", "also", "test_share", "duplicates", "seed")


def run(args: argparse.Namespace) -> int:
    """Prepare, write, print counts and notes."""
    from seqfer.core import registry
    from seqfer.corpus.manifest import write_manifest
    from seqfer.corpus.mark_duplicates import mark_duplicates
    from seqfer.corpus.person_split import with_test_people

    settings = settings_from(args, PrepareSettings)
    corpus = registry.find("datasets", args.name)
    if args.root is None and not getattr(corpus, "EMBEDDED", False):
        raise InputError(f"{args.name} needs the folder of your copy: seqfer prepare {args.name} ROOT -o {args.out}")
    if args.root is not None and not _is_there(args.root):
        raise InputError(f"{args.root}: no such folder; give the folder of your copy of {args.name}")
    more = {"also": _also(args.name, corpus, settings.also)} if settings.also else {}
    manifest = corpus.prepare(args.root, args.out, classes=settings.classes, **more)
    if settings.test_share:
        manifest = with_test_people(manifest, settings.test_share, settings.seed)
    if settings.duplicates:
        manifest = mark_duplicates(manifest)
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
        print(one_line(f"  note: {note}"))
    return 0


def _also(name: str, corpus: Any, given: Sequence[str]) -> dict[str, str]:
    """`--also` as a mapping. Raises SettingsError for a corpus whose words are all emotions, or for another form."""
    if "also" not in getattr(corpus, "TAKES", ()):
        raise SettingsError(f"{name} has no words that need --also; omit it")
    pairs = [part.strip().partition("=") for part in given]
    if not all(word and equals and emotion for word, equals, emotion in pairs):
        raise SettingsError(
            f"--also {','.join(given)!r}: write it as WORD=EMOTION, for example squint=contempt,scream=fear"
        )
    return {word.strip(): emotion.strip() for word, _, emotion in pairs}


def _is_there(path: Path) -> bool:
    """Path.exists, but False instead of an error for a name that is too long or in a folder without access."""
    try:
        return path.exists()
    except OSError:
        return False
