"""How far int8 moves the outputs of the included model `compact`, against fp32, on the faces of a manifest and on videos.

  python tools/measure_precision.py fer2013.jsonl --split PublicTest --videos single_face.mp4

Faces are read by one view each, as for annotating videos, without a temporal head; the accuracy is also that of two views, the face and its mirror
image, as for stills. Videos are annotated twice with the default settings; rows of both are compared.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np

import seqfer
from seqfer.core.rated_valence import mean_valence
from seqfer.corpus.faces import open_data
from seqfer.corpus.stills import image_set, of_split
from seqfer.metrics.calibration import tempered_softmax
from seqfer.models.graph_model import GraphModel, open_graph_model
from seqfer.training.train_valence import votes_of

MODEL, PRECISIONS = "compact", ("fp32", "int8")
LEAST_VOTES = 5  # of the raters whose mean valence is taken as true, as `seqfer evaluate-valence` does


def read_faces(model: GraphModel, faces: np.ndarray) -> dict[str, np.ndarray]:
    """Features, logits by one view, logits by both, and valence of faces (face height width)."""
    assert model.valence is not None
    features, logits = model.encoder.read(faces)
    _, mirrored = model.encoder.read(np.ascontiguousarray(faces[:, :, ::-1]))
    return {
        "features": features,
        "logits": logits,
        "two views": (logits + mirrored) / 2,
        "valence": model.valence.read(features)[:, 0],
    }


def on_faces(data: str, split: str) -> None:
    """Prints the differences on the faces of a manifest, and the accuracy and the error of valence in both precisions."""
    manifest = of_split(open_data(data), split)
    outputs = {}
    for precision in PRECISIONS:
        model = open_graph_model(MODEL, "none", valence=True, precision=precision)
        assert model is not None
        stills = image_set(manifest, model.classes, model.input_size)
        outputs[precision] = read_faces(model, np.asarray(stills.images))
    before, after = (outputs[precision] for precision in PRECISIONS)
    exact, found = (tempered_softmax(made["logits"], model.temperature) for made in (before, after))
    apart = np.abs(exact - found)
    print(
        f"{len(exact)} faces: features differ by {np.linalg.norm(after['features'] - before['features']) / np.linalg.norm(before['features']):.2%}, "
        f"a logit by {np.abs(after['logits'] - before['logits']).mean():.4f} (at most {np.abs(after['logits'] - before['logits']).max():.3f}), a "
        f"probability by {apart.mean():.4f} (at most {apart.max():.3f}), another class {np.mean(exact.argmax(1) != found.argmax(1)):.2%}, "
        f"valence by {np.sqrt(np.mean((after['valence'] - before['valence']) ** 2)):.4f} (root mean square)"
    )
    votes = votes_of(manifest)
    rated = votes.sum(1) >= LEAST_VOTES
    for precision, made in outputs.items():
        one, two = (np.mean(made[views].argmax(1) == stills.labels) for views in ("logits", "two views"))
        line = f"{precision}: accuracy {one:.2%}, by two views {two:.2%}"
        if rated.any():
            error = made["valence"][rated] - mean_valence(votes)[rated]
            line += f", RMSE of valence {np.sqrt(np.mean(error**2)):.4f} on {rated.sum()} faces"
        print(line)


def on_video(video: Path) -> None:
    """Prints the mean difference of the probabilities and of valence over all rows of a video."""
    with tempfile.TemporaryDirectory() as folder:
        tables = [
            seqfer.annotate(
                video, out=Path(folder) / precision, valence=True, precision=precision, progress=False
            ).frames
            for precision in PRECISIONS
        ]
    classes = [name for name in open_classes() if name in tables[0]]
    before, after = (table[[*classes, "valence"]].dropna().to_numpy(float) for table in tables)
    apart = np.abs(after - before)
    emotions = apart[:, : len(classes)]
    other = np.mean(before[:, : len(classes)].argmax(1) != after[:, : len(classes)].argmax(1))
    print(
        f"{video.name}, {len(apart)} rows: a probability differs by {emotions.mean():.4f} (at most {emotions.max():.3f}), another class {other:.2%}, "
        f"valence by {apart[:, -1].mean():.4f} (at most {apart[:, -1].max():.3f})"
    )


def open_classes() -> tuple[str, ...]:
    """The emotions of the model."""
    model = open_graph_model(MODEL, "none", valence=False)
    assert model is not None
    return model.classes


def main() -> int:
    """Print a line per comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="a manifest (.jsonl), or posed")
    parser.add_argument("--split", default="", help="an official split of the corpus")
    parser.add_argument("--videos", nargs="*", type=Path, default=[])
    args = parser.parse_args()
    print(f"{platform.machine()}, onnxruntime {version('onnxruntime')}")
    on_faces(args.data, args.split)
    for video in args.videos:
        on_video(video)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
