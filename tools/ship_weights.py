"""Adds the weights of a finished training to the package: evaluates them, writes file, model card and checksum.

    python tools/ship_weights.py compact runs/compact/encoder.safetensors --fer fer2013.jsonl --ck48 ck48.jsonl --trained "..."

The scores of the model card are measured by this script with the code of `seqfer evaluate`, on the file that ships.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqfer.core.files import write_atomically
from seqfer.corpus.faces import open_data
from seqfer.corpus.stills import labels_of, of_split
from seqfer.experiments.evaluate import evaluate_encoder
from seqfer.experiments.settings import EvaluateSettings
from seqfer.models import included
from seqfer.models.layers import FrameEncoder, convolution_multiplications, parameter_counts
from seqfer.models.opening import open_model
from seqfer.models.weights import load_tensors, save_tensors

ROOT = Path(__file__).resolve().parent.parent / "seqfer"
CARD = """# {tier}

Frame encoder `{encoder}`: grey faces of 48x48 pixels to {features} features and probabilities of {classes}.

| | |
|---|---|
| parameters in all | {parameters:,} |
| multiplications of the convolutions | {multiplications:,} |
| file | `{file}`, {size:,} bytes, float16, sha256 `{sha256}` |
| temperature (already applied by seqfer) | {temperature:.4f} |

## Data and protocol
Trained on FER2013, split Training (28,709 images), of which {held_back:.0%} were held out for the validation curve and for fitting the temperature.
PublicTest was used to choose between training recipes; PrivateTest was never used. No Cohn-Kanade picture was used in training.

{trained}

## Scores
Measured on the file that ships, one model, one seed. "Without copies" excludes the images that have an exact or near copy in Training.

| corpus | protocol | accuracy | macro-F1 | ECE |
|---|---|---|---|---|
{scores}

Per class, FER2013 PublicTest, as given:

| class | precision | recall | F1 | images |
|---|---|---|---|---|
{per_class}

## Limits
- FER2013's labels come from search terms and are noisy: human raters reach about 65 % on it. The model also learns the label errors.
- Web pictures of 2013 are not a sample of any population; groups are not labelled, so fairness between groups could not be measured.
- Labels are expressions as raters name them, not feelings. Not for decisions about people.
- Faces must be roughly upright and cropped like those of FER2013 or CK+48.

## Licences of the data
FER2013: research use (challenge data; the pictures belong to those who put them on the web). FER+ labels: MIT.{licence}
CK+48 (scores only): research use, faces must not be shown.
The weights are a research result; ask a lawyer before using them commercially. The code is MIT.

## What may be done with the weights
| use | allowed |
|---|---|
| research and teaching | yes; name the data in publications |
| giving the file to others | yes, together with its card |
| commercial use | not cleared: {commercial}; ask a lawyer |
| decisions about people | no |
"""


def main() -> int:
    """Score, write, register."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tier", choices=sorted(included.TIERS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--fer", required=True, help="manifest of FER2013")
    parser.add_argument("--ck48", required=True, help="manifest of CK+48")
    parser.add_argument("--trained", required=True, help="one paragraph: command, epochs, time, machine")
    parser.add_argument("--licence", default="", help="licences of further data and of the initial weights")
    args = parser.parse_args()
    opened = open_model(args.file, kind="image", device="cpu")
    encoder, meta = opened.encoder, dict(opened.meta)
    if "class_shares" not in meta:  # a file of an older training: written beside, as `seqfer train` does it now
        trained = of_split(open_data(args.fer), "Training")
        counts = np.bincount(labels_of(trained.clips, meta["classes"]), minlength=len(meta["classes"]))
        meta |= {"class_shares": (counts / counts.sum()).round(6).tolist()}
        source, args.file = args.file, args.file.with_suffix(".shares.safetensors")
        _write(source, args.file, meta)
    rows, reports = [], {}
    for key, name, data, split, classes, mirror in (
        ("PublicTest", "FER2013 PublicTest", args.fer, "PublicTest", "", False),
        ("PublicTest mirrored", "FER2013 PublicTest, averaged with the mirror image", args.fer, "PublicTest", "", True),
        (
            "CK+48 six",
            "CK+48 clips, six classes, probabilities summed, not trained on",
            args.ck48,
            "",
            "six",
            False,
        ),
    ):
        if mirror and _is_symmetric(encoder):
            continue
        report = reports[key] = evaluate_encoder(
            EvaluateSettings(str(args.file), str(data), split=split, classes=classes, mirror=mirror)
        )
        protocols = (
            ("equal prior of all classes" if report.prior == "equal" else "as given", report.as_given),
            ("class frequencies of FER2013 as prior", report.with_training_prior),
            ("without copies", report.without_crossing_duplicates),
        )
        for protocol, s in protocols:
            if s is None:
                continue
            rows.append(f"| {name} | {protocol}, {s.count} | {s.accuracy:.2%} | {s.macro_f1:.2%} | {s.ece:.2%} |")
    scores = {
        key + (", equal prior" if report.prior == "equal" else ""): round(report.as_given.accuracy, 4)
        for key, report in reports.items()
    }
    target = ROOT / "weights_files" / f"{args.tier}.safetensors"
    sha256 = _write(args.file, target, {**meta, "scores": scores})
    parameters = parameter_counts(encoder)[0]
    card = CARD.format(
        tier=args.tier,
        encoder=meta["encoder"],
        features=encoder.feature_dim,
        classes=", ".join(meta["classes"]),
        parameters=parameters,
        multiplications=convolution_multiplications(encoder),
        file=target.name,
        size=target.stat().st_size,
        sha256=sha256,
        temperature=meta["temperature"],
        held_back=meta["held_back"],
        trained=args.trained,
        licence=f"\n{args.licence}" if args.licence else "",
        commercial=f"the pictures {'and the initial weights ' if args.licence else ''}are for research",
        scores="\n".join(rows),
        per_class="\n".join(_class_row(k, v) for k, v in reports["PublicTest"]["as_given"]["per_class"].items()),
    )
    write_atomically(target.with_suffix(".md"), card)
    register("SHIPPED: dict[str, IncludedWeights] = {", str(meta["encoder"]), target.name, sha256)
    print(f"{target}: {scores}")
    return 0


@torch.no_grad()
def _is_symmetric(encoder: FrameEncoder) -> bool:
    """Whether the encoder gives the same logits for a face and its mirror image."""
    face = torch.rand(1, encoder.channels, encoder.input_size, encoder.input_size)
    return torch.allclose(encoder.classify(face), encoder.classify(face.flip(-1)), atol=1e-4)


def _write(source: Path, target: Path, meta: dict[str, Any]) -> str:
    """Writes the same tensors with the scores added to the metadata; returns the sha256."""
    tensors, _ = load_tensors(source)
    meta = {key: value for key, value in meta.items() if key != "sha256"}
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / target.name
        sha256 = save_tensors(made, tensors, meta)
        shutil.copyfile(made, target)
    return sha256


def _class_row(name: str, scores: dict[str, float]) -> str:
    values = " | ".join(f"{scores[k]:.2%}" for k in ("precision", "recall", "f1"))
    return f"| {name} | {values} | {scores['support']} |"


def register(opening: str, encoder: str, file: str, sha256: str) -> None:
    """Put a checksum into the table of `included.py` that begins with this line, over the encoder's or the file's old entry if there is one."""
    source = ROOT / "models" / "included.py"
    before, _, rest = source.read_text().partition(opening)
    body, _, after = rest.partition("}\n")
    kept = re.findall(r"^    \"[^\"]+\": IncludedWeights\([^)]*\),\n", body.lstrip("\n"), flags=re.M)
    kept = [entry for entry in kept if f'"{encoder}": ' not in entry and f'"{file}"' not in entry]
    entry = f'    "{encoder}": IncludedWeights("{file}", "{sha256}"),\n'
    write_atomically(source, f"{before}{opening}\n{''.join([entry, *kept])}}}\n{after}")


if __name__ == "__main__":
    raise SystemExit(main())
