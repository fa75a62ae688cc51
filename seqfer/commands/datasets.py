"""List the known corpora: layout, licence, where to request a copy, what is checked.

Example:
  seqfer datasets
  seqfer datasets --json
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer datasets`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print one block per corpus, or JSON."""
    import json
    import textwrap
    from dataclasses import asdict

    from seqfer.results.listings import known_corpora

    corpora = [asdict(corpus) for corpus in known_corpora()]
    if args.json:
        print(json.dumps(corpora, indent=1, ensure_ascii=False))
        return 0
    for corpus in corpora:
        print(f"{corpus['name']}: {corpus['title']}")
        for key in ("layout", "licence", "source", "checked"):
            text = "; ".join(corpus[key]) if key == "checked" else corpus[key]
            print(textwrap.fill(text, 110, initial_indent=f"  {key + ':':<9} ", subsequent_indent=" " * 12))
        print()
    print("seqfer prepare NAME ROOT -o NAME.jsonl checks a copy and makes its manifest.")
    return 0
