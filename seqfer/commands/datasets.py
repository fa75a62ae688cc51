"""List the known corpora: layout, licence, where to request a copy, what is checked.

Example:
  seqfer datasets
  seqfer datasets --json
"""

from __future__ import annotations

import argparse
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `seqfer datasets`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print one block per corpus, or JSON."""
    import json
    import textwrap

    corpora = _corpora()
    if args.json:
        print(json.dumps(corpora, indent=1, ensure_ascii=False))
        return 0
    for corpus in corpora:
        print(f"{corpus['name']}: {corpus['title']}")
        for key in ("layout", "licence", "source", "checked"):
            text = "; ".join(corpus[key]) if isinstance(corpus[key], list) else corpus[key]
            print(textwrap.fill(text, 110, initial_indent=f"  {key + ':':<9} ", subsequent_indent=" " * 12))
        print()
    print("seqfer prepare NAME ROOT -o NAME.jsonl checks a copy and makes its manifest.")
    return 0


def _corpora() -> list[dict[str, Any]]:
    from seqfer.core import registry
    from seqfer.corpus.published import published

    found: list[dict[str, Any]] = []
    for name in registry.names("datasets"):
        module, facts = registry.find("datasets", name), published(name)
        found.append(
            {
                "name": module.NAME,
                "title": module.TITLE,
                "layout": module.LAYOUT,
                "licence": module.LICENCE,
                "source": module.SOURCE,
                "checked": list(facts.get("checked", [])),
                "clips_by_class": facts.get("clips_by_class", {}),
            }
        )
    return found
