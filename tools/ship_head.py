"""Adds a temporal head of `seqfer train-head` to the package: copies it, writes its model card, registers its checksum.

python tools/ship_head.py compact runs/head-bilstm
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from seqfer.core.files import file_checksum, write_atomically
from seqfer.models import included
from seqfer.models.layers import parameter_counts
from seqfer.models.opening import open_model

ROOT = Path(__file__).resolve().parent.parent / "seqfer"
CARD = """# {name}

Temporal head `{head}` for videos, on the features of the shipped `{encoder}` encoder: probabilities of {classes} on every frame.

| | |
|---|---|
| parameters in all | {parameters:,} |
| uses later frames | {later} |
| file | `{file}`, {size:,} bytes, float16, sha256 `{sha256}` |
| temperature (already applied by seqfer) | {temperature:.4f} |
| trained on the encoder with sha256 | `{encoder_sha256}` |

## Data and protocol
`seqfer train-head --config configs/head_{head}.toml`: {sequences:,} sequences of {length} frames synthesised from still images of FER2013, split
Training (`seqfer/training/moving_stills.py`): one to three images are cross-faded while head, light and crop drift and jitter; parts are
occluded, and some faces are small, as if far from the camera. Seed {seed}. Sequences of {held_back:.0%} of the images, on which neither encoder
nor head was trained, are used to evaluate it and to fit the temperature.

The head changes each log-probability of the encoder{averaged} by at most {limit:g}. It has learned to bring the
probabilities of moving faces near those that the encoder gives to the unmoved images, from these sequences and {drawn:,} of drawn people
(`--data posed`), whose expressions change; no label was used for that. Its 30 inputs were learned before from the labels, with a plain head.
No labelled video was used, because none is freely available: the head has not learned the onset and offset of real expressions.

## Scores
{frames:,} frames of {kept} held-out sequences, without the frames between two images; the classes are the noisy labels of single images.

| | error on frames | calibration error |
|---|---|---|
| this head | {error:.1%} | {calibration_error:.1%} |
{average_row}| the encoder alone, frame by frame | {encoder_error:.1%} | {encoder_calibration_error:.1%} |

## Limits
As the encoder's ([compact.md](compact.md)), and: frame rates far from 30 per second were not tested.

## Licences of the data
FER2013: research use. Initial weights of the encoder: see its model card. The code is MIT.

## What may be done with the weights
| use | allowed |
|---|---|
| research and teaching | yes; name the data in publications |
| giving the file to others | yes, together with its card |
| commercial use | not cleared: the pictures and the initial weights are for research; ask a lawyer |
| decisions about people | no |
"""
AVERAGE_ROW = (
    "| the encoder, averaged over the moments at which the face looks the same (`--head average`) | {average_error:.1%} | "
    "{average_calibration_error:.1%} |\n"
)


def main() -> int:
    """Copy, describe, register."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tier", choices=sorted(included.TIERS))
    parser.add_argument("run", type=Path, help="run folder of seqfer train-head")
    args = parser.parse_args()
    made = args.run / "sequence.safetensors"
    model = open_model(made, kind="video", device="cpu")
    assert model.head is not None
    settings, history = (json.loads((args.run / f"{name}.json").read_text()) for name in ("settings", "history"))
    target = ROOT / "weights_files" / f"{args.tier}_{model.head_name}.safetensors"
    write_atomically(target, made.read_bytes())
    sha256 = file_checksum(target)
    card = CARD.format(
        name=target.stem,
        head=model.head_name,
        encoder=args.tier,
        classes=", ".join(model.classes),
        parameters=parameter_counts(model.head)[0],
        later="no" if model.causal else "yes",
        file=target.name,
        size=target.stat().st_size,
        sha256=sha256,
        encoder_sha256=model.checksums["encoder"],
        sequences=settings["sequences"],
        length=settings["length"],
        seed=settings["seed"],
        held_back=settings["held_back"],
        kept=settings["held_back_sequences"],
        **{k: v for k, v in history.items() if k.endswith(("error", "temperature")) and not isinstance(v, list)},
        frames=history["frames"],
        average_row=AVERAGE_ROW.format(**history) if "average_error" in history else "",
        limit=settings["correction_limit"],
        drawn=settings["drawn_sequences"],
        averaged="" if model.causal else ", averaged over the moments at which the face looks the same,",
    )
    write_atomically(target.with_suffix(".md"), card)
    _register(model.encoder_name, model.head_name, target.name, sha256)
    print(f"{target}: {sha256}")
    return 0


def _register(encoder: str, head: str, file: str, sha256: str) -> None:
    """Put the checksum into `included.py`."""
    source = ROOT / "models" / "included.py"
    text = source.read_text()
    opening = "SHIPPED_HEADS: dict[str, dict[str, IncludedWeights]] = {"
    lines = dict(included.SHIPPED_HEADS.get(encoder, {})) | {head: included.IncludedWeights(file, sha256)}
    others = {name: heads for name, heads in included.SHIPPED_HEADS.items() if name != encoder}
    body = "".join(
        f'    "{name}": {{\n'
        + "".join(f'        "{h}": IncludedWeights("{s.file}", "{s.sha256}"),\n' for h, s in sorted(heads.items()))
        + "    },\n"
        for name, heads in sorted({**others, encoder: lines}.items())
    )
    write_atomically(source, re.sub(re.escape(opening) + r"(\n.*?\n)?\}\n", f"{opening}\n{body}}}\n", text, flags=re.S))


if __name__ == "__main__":
    raise SystemExit(main())
