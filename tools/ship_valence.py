"""Adds valence weights of `seqfer train-valence` to the package: evaluates and copies them, writes their model card, registers their checksum.

python tools/ship_valence.py compact runs/valence --fer fer2013.jsonl
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ship_weights import register

from seqfer.core.files import file_checksum, write_atomically
from seqfer.experiments.evaluate_valence import evaluate_valence
from seqfer.experiments.settings import EvaluateValenceSettings
from seqfer.models import included
from seqfer.models.opening import open_model
from seqfer.runs.records import as_json

ROOT = Path(__file__).resolve().parent.parent / "seqfer"
CARD = """# {name}

Valence of still faces: one linear layer computes nine levels from the features of the shipped `{tier}` encoder; valence is the expectation over
the levels, in [-1, 1]. `seqfer annotate-video --valence` uses it on every frame.

| | |
|---|---|
| parameters in all | {parameters:,} |
| file | `{file}`, {size:,} bytes, float32, sha256 `{sha256}` |
| uses the features of the encoder with sha256 | `{encoder_sha256}` |

## Derived labels
No rater was asked how pleasant these faces look. The ten raters of FER+ chose an emotion for each picture; each emotion has a published pleasure
rating (Russell and Mehrabian 1977; contempt is given disgust's); the mean over an image's votes is its valence (`seqfer/core/rated_valence.py`).
A face with half of the votes for anger and half for happiness thus has a nearly neutral valence, and no rater confirmed the values between the
norms of the emotions. Use `seqfer calibrate-valence` to map predictions to your own ratings.

## Data and protocol
`seqfer train-valence --data fer2013.jsonl --set held_back={share:g}`: FER2013, split Training, {images:,} images with a vote for an emotion; the
target is the distribution of the votes over the levels, the loss is cross-entropy with a weight decay of {decay:g} (chosen on {held_back:,}
images held out from encoder and layer), minimised with L-BFGS. Seed {seed}.

## Scores
{split}, the {tested:,} images with at least {least} votes for an emotion, against the mean of the votes; 95 % bootstrap intervals. In
{unsigned:,} of them that mean is exactly 0; sign agreement (SAGR) is given over all images and over the others.

| | RMSE | CCC | PCC | SAGR | SAGR without zeros |
|---|---|---|---|---|---|
{rows}

## Limits
As the encoder's ([{tier}.md]({tier}.md)): grey faces of 48 pixels from the web, posed and acted ones among them.
What a face shows is not what a person feels.

## Licences of the data
FER2013: research use (challenge data; the pictures belong to those who put them on the web). FER+ votes: MIT. Initial weights of the encoder: see
its model card. The code is MIT.

## What may be done with the weights
| use | allowed |
|---|---|
| research and teaching | yes; name the data in publications |
| giving the file to others | yes, together with its card |
| commercial use | not cleared: the pictures and the initial weights are for research; ask a lawyer |
| decisions about people | no |
"""
TITLES = {
    "model": "these weights",
    "norms": "expectation of the {norms_of} emotions under the norms",
    "constant": "mean of {mean_of}",
}


def main() -> int:
    """Score, copy, describe, register."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tier", choices=sorted(included.TIERS))
    parser.add_argument("run", type=Path, help="run folder of seqfer train-valence")
    parser.add_argument("--fer", required=True, help="manifest of FER2013 with votes")
    args = parser.parse_args()
    made = args.run / "valence.safetensors"
    model = open_model(made, kind="valence", device="cpu")
    settings, history = (json.loads((args.run / f"{name}.json").read_text()) for name in ("settings", "history"))
    report = as_json(
        evaluate_valence(EvaluateValenceSettings(str(made), str(args.fer), split="PublicTest", classifier=args.tier))
    )
    target = ROOT / "weights_files" / f"{args.tier}_valence.safetensors"
    write_atomically(target, made.read_bytes())
    sha256 = file_checksum(target)
    card = CARD.format(
        name=target.stem,
        tier=args.tier,
        parameters=sum(p.numel() for p in model.levels.parameters()),
        file=target.name,
        size=target.stat().st_size,
        sha256=sha256,
        encoder_sha256=model.encoder_checksum,
        images=history["images"],
        held_back=history["held_back"],
        share=settings["held_back"],
        decay=history["weight_decay"],
        seed=settings["seed"],
        split=report["split"],
        tested=report["images"],
        least=report["least_votes"],
        unsigned=report["without_sign"],
        rows="\n".join(
            f"| {title.format(**report)} | {_row(report['scores'][name])} |" for name, title in TITLES.items()
        ),
    )
    write_atomically(target.with_suffix(".md"), card)
    register("SHIPPED_VALENCE: dict[str, IncludedWeights] = {", model.encoder_name, target.name, sha256)
    print(f"{target}: {sha256}")
    return 0


def _row(scores: dict) -> str:
    def cell(name: str) -> str:
        low, high = scores["intervals"].get(name, (float("nan"),) * 2)
        return f"{scores[name]:.3f} ({low:.3f} to {high:.3f})" if low == low else f"{scores[name]:.3f}"

    return " | ".join(cell(name) for name in ("rmse", "ccc", "pcc", "sagr", "sagr_of_signed"))


if __name__ == "__main__":
    raise SystemExit(main())
