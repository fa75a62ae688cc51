"""Tests whether the corpus `posed` requires a temporal model: prints the person-disjoint five-fold error of four models on its six expressions.

    python tools/exam_posed.py [--people 48] [--epochs 20] [--out FOLDER]

1. a linear support vector machine on the mean-centred 48 x 48 pixels of the apex (must be wrong on more than a quarter of the clips),
2. a small convolutional network on the apex alone, 3. the probabilities of the same network summed over all frames, 4. a BiLSTM over its features.
One thread, fixed seeds. Each row also gives the error on the clips whose label is determined by the order of frames alone (`crossed`) and on the
others (`straight`).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from torch import nn

from seqfer.datasets import posed
from seqfer.training.augment import augment

FOLDS, FEATURES, SIDE_PX = 5, 30, 48


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=posed.PEOPLE)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--svm-only", action="store_true")
    parser.add_argument("--folds", type=int, default=FOLDS, help="stop after this many of the five folds")
    parser.add_argument("--out", type=Path, default=None, help="folder for the corpus; a temporary one by default")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as scratch:
        manifest = posed.prepare(
            None, (arguments.out or Path(scratch)) / "posed.jsonl", classes="six", people=arguments.people
        )
        stack = np.load(manifest.path_of(manifest.clips[0].frames[0])[0])
    faces = [np.stack([_small(stack[int(ref.rpartition("#")[2])]) for ref in clip.frames]) for clip in manifest.clips]
    labels = np.array([manifest.classes.index(str(clip.label)) for clip in manifest.clips])
    crossed = np.array([clip.attributes["path"] == "crossed" for clip in manifest.clips])
    fold = np.array([manifest.people.index(clip.person) % FOLDS for clip in manifest.clips])
    said: dict[str, np.ndarray] = {}
    start_s = time.perf_counter()
    for index in range(arguments.folds):
        train, test = np.flatnonzero(fold != index), np.flatnonzero(fold == index)
        answers = {"apex pixels, linear SVM": _svm(faces, labels, train, test)}
        if not arguments.svm_only:
            answers |= _nets(faces, labels, train, test, arguments.epochs)
        for name, answer in answers.items():
            said.setdefault(name, np.full(len(labels), -1))[test] = answer
        print(f"fold {index + 1} of {FOLDS}, {time.perf_counter() - start_s:.0f} s", flush=True)
    print(f"{'error in %':32}{'all':>8}{'crossed':>10}{'straight':>10}")
    for name, answer in said.items():
        done, wrong = answer >= 0, 100.0 * (answer != labels)
        parts = (wrong[done], wrong[done & crossed], wrong[done & ~crossed])
        print(f"{name:32}{parts[0].mean():8.1f}{parts[1].mean():10.1f}{parts[2].mean():10.1f}")


def _small(face: np.ndarray) -> np.ndarray:
    return cv2.resize(face, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)


def _svm(faces: list[np.ndarray], labels: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    pixels = np.stack([clip[-1].ravel() for clip in faces]).astype(np.float64) / 255
    pixels -= pixels.mean(axis=1, keepdims=True)  # subtract the mean of each picture, then the mean of each pixel
    centre = StandardScaler(with_std=False).fit(pixels[train])
    machine = LinearSVC(C=0.01, max_iter=20000).fit(centre.transform(pixels[train]), labels[train])
    return machine.predict(centre.transform(pixels[test]))


class _Net(nn.Module):
    """Three convolutions and 30 features, on pictures (n 1 48 48) that are normalised individually."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in ((1, 16), (16, 32), (32, 64)):
            layers += [
                nn.Conv2d(before, after, 3, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ]
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.25), nn.Linear(64 * 36, FEATURES), nn.ReLU())
        self.classifier = nn.Linear(FEATURES, 6)

    def embed(self, pictures: torch.Tensor) -> torch.Tensor:
        spread, mean = torch.std_mean(pictures, dim=(1, 2, 3), keepdim=True)
        return self.body((pictures - mean) / (spread + 0.02))


def _nets(
    faces: list[np.ndarray], labels: np.ndarray, train: np.ndarray, test: np.ndarray, epochs: int
) -> dict[str, np.ndarray]:
    net = _train_net(faces, labels, train, epochs).eval()
    with torch.inference_mode():
        features = [net.embed(_tensor(clip)).clone() for clip in faces]
        odds = [net.classifier(f).softmax(-1).numpy() for f in features]
    spread, mean = torch.std_mean(torch.cat([features[i] for i in train]), dim=0)
    features = [(f - mean) / (spread + 0.1) for f in features]
    reader = _train_reader(features, labels, train)
    with torch.inference_mode():
        read = [reader([features[i]])[0].softmax(-1)[0].sum(0).argmax().item() for i in test]
    return {
        "apex, small conv net": np.array([odds[i][-1].argmax() for i in test]),
        "all frames averaged, conv net": np.array([odds[i].sum(0).argmax() for i in test]),
        "BiLSTM over its features": np.array(read),
    }


def _tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pictures[:, None].astype(np.float32) / 255).contiguous(memory_format=torch.channels_last)


def _train_net(faces: list[np.ndarray], labels: np.ndarray, train: np.ndarray, epochs: int) -> _Net:
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    pictures = np.concatenate([faces[i] for i in train])
    truth = np.repeat(labels[train], [len(faces[i]) for i in train])
    net = _Net().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.02)
    batches = len(truth) // 64
    plan = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=epochs * batches)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(truth)), batches):
            batch = augment(_tensor(pictures[rows]), generator, strength=0.4, cutout=0.0)
            loss = nn.functional.cross_entropy(net.classifier(net.embed(batch)), torch.from_numpy(truth[rows]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            plan.step()
    return net


class _Reader(nn.Module):
    """A bidirectional LSTM with 32 cells in each direction and one output per frame."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(FEATURES, 32, batch_first=True, bidirectional=True)
        self.drop, self.out = nn.Dropout(0.5), nn.Linear(64, 6)

    def forward(self, clips: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Clips of (t 30) -> logits (b t 6) and the mask (b t) of the frames that are not padding."""
        lengths = torch.tensor([len(clip) for clip in clips])
        padded = self.drop(nn.utils.rnn.pad_sequence(clips, batch_first=True))
        padded = padded + 0.7 * self.training * torch.randn_like(padded)
        packed = nn.utils.rnn.pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(self.drop(hidden)), torch.arange(hidden.shape[1]) < lengths[:, None]


def _train_reader(features: list[torch.Tensor], labels: np.ndarray, train: np.ndarray) -> _Reader:
    rng, reader = np.random.default_rng(0), _Reader()
    optimizer = torch.optim.AdamW(reader.parameters(), 3e-3, weight_decay=0.3)
    for _ in range(60):
        for rows in np.array_split(rng.permutation(train), max(1, len(train) // 16)):
            logits, mask = reader([features[i] for i in rows])
            truth = torch.from_numpy(labels[rows])[:, None].expand(mask.shape)
            loss = nn.functional.cross_entropy(logits[mask], truth[mask])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return reader.eval()


if __name__ == "__main__":
    main()
