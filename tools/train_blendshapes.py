"""Second half of the training of the blendshape network: distils MediaPipe's network into the weights file of `seqfer.geometry.blendshapes`.

    python tools/train_blendshapes.py work --video single_face WolfgangLanger_Pexels
    python tools/train_blendshapes.py work --video single_face WolfgangLanger_Pexels --ship --golden tests/golden/blendshapes.json

`work` is the folder of `tools/blendshape_landmarks.py`. Meshes of FER2013 Training are varied, and the teacher gives the scores of each variation:
shapes are mixed, exaggerated and put together from the upper half of one face and the lower half of another; heads are turned in three dimensions;
widths and heights change; points get noise. Samples are written in blocks and the state of the network after each epoch, so that an interrupted run
resumes. Pictures of Training whose number ends in 0 are held out from all of this; PublicTest and the videos are only evaluated. One thread.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor, nn
from torch.nn import functional as F

from seqfer.core.files import file_checksum, write_atomically
from seqfer.geometry.blendshapes import BLENDSHAPES, PATH, POINTS, upright

SCORES, INPUTS = len(BLENDSHAPES), 2 * len(POINTS)
BLOCK, AT_ONCE = 4096, 16
WIDTHS = (320, 256)
EPOCHS, BATCH, RATE = 40, 512, 2e-3
SEED = 0
HELD_OUT = "Training, held out"
GOLDEN = (
    "browDownLeft",
    "browInnerUp",
    "eyeBlinkLeft",
    "eyeLookOutLeft",
    "eyeWideLeft",
    "jawOpen",
    "mouthFrownLeft",
    "mouthPucker",
    "mouthRollLower",
    "mouthSmileLeft",
    "mouthUpperUpLeft",
)
AVERAGED = 50


class Teacher:
    """MediaPipe's network, an MLP mixer, from the arrays of `teacher.npz`; checked against the scores there."""

    def __init__(self, path: Path) -> None:
        content = np.load(path)
        self._weights = {
            name: torch.tensor(content[name]).squeeze() for name in content.files if name.startswith("weights/")
        }
        apart = float((self(torch.tensor(content["points"])) - torch.tensor(content["scores"])).abs().max())
        if apart > 1e-4:
            raise SystemExit(f"{path}: the network differs from its own scores by {apart:.1e}; make the file again")

    @torch.no_grad()
    def __call__(self, points: Tensor) -> Tensor:
        """Scores (face, 52) of points (face, 146, 2)."""
        return torch.cat([self._scores(some) for some in points.split(AT_ONCE)])

    def _scores(self, points: Tensor) -> Tensor:
        points = points - points.mean(1, keepdim=True)
        points = points / points.norm(dim=-1, keepdim=True).mean(1, keepdim=True) / 2
        tokens = self._linear(self._linear(points.mT, "conv2d").mT, "input_tokens_embedding")
        extra = self._array("AddExtraTokens/strided_slice_1").expand(len(tokens), 1, -1)
        tokens = torch.cat([extra, tokens], 1)
        for block in range(4):
            name = f"MixerBlock_{block}"
            tokens = tokens + self._mixed(self._normal(tokens, f"{name}/layer_norm1").mT, f"{name}/mlp_token").mT
            tokens = tokens + self._mixed(self._normal(tokens, f"{name}/layer_norm2"), f"{name}/mlp_channel")
        return torch.sigmoid(self._linear(tokens[:, 0], "output_blendweights"))

    def _mixed(self, values: Tensor, name: str) -> Tensor:
        return self._linear(F.relu(self._linear(values, f"{name}_mixing/Mlp_1")), f"{name}_mixing/Mlp_2")

    def _normal(self, values: Tensor, name: str) -> Tensor:
        scale = self._array(f"{name}/batchnorm/mul/ReadVariableOp")
        return F.layer_norm(values, scale.shape, scale, eps=float(self._array("batchnorm/add/y")))

    def _linear(self, values: Tensor, name: str) -> Tensor:
        return F.linear(values, self._array(f"{name}/Conv2D"), self._array(f"{name}/BiasAdd/ReadVariableOp"))

    def _array(self, end: str) -> Tensor:
        (found,) = (array for name, array in self._weights.items() if name.endswith(end))
        return found


class Variations:
    """Random faces (face, 478, 3) from meshes, all drawn from one generator."""

    def __init__(self, meshes: np.ndarray) -> None:
        centred = meshes - meshes.mean(1, keepdims=True)
        self._shapes = centred / np.linalg.norm(centred, axis=2, keepdims=True).mean(1, keepdims=True)
        self._mean = self._shapes[0]
        for _ in range(3):
            self._turns = rotations(self._shapes, self._mean)
            self._mean = np.einsum("nij,npj->npi", self._turns, self._shapes).mean(0)
        self._shapes = np.einsum("nij,npj->npi", self._turns, self._shapes).astype(np.float32)
        self._spread = float(self._mean[:, 1].std())

    def draw(self, count: int, random: np.random.Generator) -> np.ndarray:
        """So many faces, float32 (face, 478, 3)."""
        first, second, pose = random.integers(0, len(self._shapes), (3, count))
        a, b = self._shapes[first], self._shapes[second]
        share = random.uniform(-0.3, 1.0, (count, 1, 1)) * (random.random((count, 1, 1)) < 0.6)
        border = random.uniform(-0.6, 0.6, (count, 1, 1)) * self._spread
        halves = 1 / (1 + np.exp(-(self._mean[:, 1, None] - border) / (0.1 * self._spread)))
        share = np.where(random.random((count, 1, 1)) < 0.3, halves, share)
        faces = a + share * (b - a)
        faces = self._mean + random.uniform(0.6, 1.5, (count, 1, 1)) * (faces - self._mean)
        faces = faces * random.normal(1, [0.04, 0.04, 0.1], (count, 1, 3))
        faces = np.einsum("nji,npj->npi", self._turns[pose], faces)  # the pose of some face
        turns = turned(random.normal(0, 1, (count, 3)) * np.radians([12, 18, 8]))
        faces = np.einsum("nij,npj->npi", turns, faces)
        noise = random.exponential(0.004, (count, 1, 1))
        found: np.ndarray = (faces + noise * random.normal(0, 1, faces.shape)).astype(np.float32)
        return found


def rotations(shapes: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The rotations (face, 3, 3) that turn shapes (face, point, 3) as near as possible to `target` (point, 3), after Kabsch."""
    left, _, right = np.linalg.svd(np.einsum("npi,pj->nij", shapes, target))
    signs = np.ones((len(shapes), 3))
    signs[:, 2] = np.sign(np.linalg.det(left) * np.linalg.det(right))
    result: np.ndarray = np.einsum("nij,nj,njk->nik", left, signs, right).transpose(0, 2, 1)
    return result


def turned(angles: np.ndarray) -> np.ndarray:
    """Rotations (face, 3, 3) by angles (face, 3) about x, y and z, in radians."""
    result = np.broadcast_to(np.eye(3), (len(angles), 3, 3))
    for axis in range(3):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        turn = np.broadcast_to(np.eye(3), (len(angles), 3, 3)).copy()
        turn[:, one, one] = turn[:, other, other] = np.cos(angles[:, axis])
        turn[:, other, one] = np.sin(angles[:, axis])
        turn[:, one, other] = -turn[:, other, one]
        result = turn @ result
    return result


def samples(work: Path, blocks: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs (sample, 292), the teacher's scores (sample, 52), and the mean shape (146, 2); makes the blocks that are missing."""
    source = np.load(work / "Training.npz")
    meshes = source["landmarks"][source["picture"] % 10 != 0]
    mean_shape = mean_upright(meshes[:, POINTS, :2])
    faces, teacher = None, Teacher(work / "teacher.npz")
    inputs, targets = [], []
    for number in range(blocks):
        path = work / f"samples{number}.npz"
        if not path.exists():
            faces = faces or Variations(meshes)
            points = faces.draw(BLOCK, np.random.default_rng([SEED, number]))[:, POINTS, :2]
            shape = upright(points, mean_shape)
            with path.with_suffix(".part").open("wb") as file:
                np.savez(file, inputs=shape.reshape(BLOCK, INPUTS), targets=teacher(torch.tensor(shape)).numpy())
            path.with_suffix(".part").replace(path)
            print(f"samples: {number + 1} of {blocks} blocks", flush=True)
        block = np.load(path)
        inputs.append(block["inputs"])
        targets.append(block["targets"])
    return np.concatenate(inputs), np.concatenate(targets), mean_shape


def mean_upright(points: np.ndarray) -> np.ndarray:
    """The mean of points (face, point, 2), all turned to it, with the eyes' outer corners on a level; float32 (point, 2)."""
    mean = points.mean(0) - points.mean((0, 1))
    for _ in range(3):
        mean = upright(points, mean.astype(np.float32)).mean(0)
    right, left = mean[POINTS.index(33)], mean[POINTS.index(263)]
    angle = np.arctan2(left[1] - right[1], left[0] - right[0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    result: np.ndarray = (mean @ turn).astype(np.float32)
    return result


def student() -> nn.Sequential:
    """The network that ships: linear layers with ReLU between them."""
    widths = (INPUTS, *WIDTHS, SCORES)
    layers = [[nn.Linear(one, other), nn.ReLU()] for one, other in itertools.pairwise(widths)]
    return nn.Sequential(*[part for layer in layers for part in layer][:-1])


def trained(work: Path, blocks: int, epochs: int) -> tuple[nn.Sequential, np.ndarray]:
    """The network after all epochs, and the mean shape."""
    inputs, targets, mean_shape = samples(work, blocks)
    torch.manual_seed(SEED)
    network, state = student(), work / "state.pt"
    spread = inputs.std(0)
    x = torch.tensor((inputs - mean_shape.ravel()) / spread)
    y = torch.tensor(targets)
    weight = 1 / (y.std(0) + 0.02)
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-3)
    steps = epochs * (len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps, pct_start=0.1)
    kept = {"network": network, "optimiser": optimiser, "schedule": schedule}
    first = 0
    if state.exists():
        saved = torch.load(state)
        first = saved.pop("epochs")
        for name, part in kept.items():
            part.load_state_dict(saved[name])
    for epoch in range(first, epochs):
        order, total = torch.randperm(len(x), generator=torch.Generator().manual_seed(epoch)), 0.0
        for chosen in order[: len(x) // BATCH * BATCH].split(BATCH):
            logits = network(x[chosen])
            loss = ((torch.sigmoid(logits) - y[chosen]) * weight).abs().mean() + 0.03 * F.smooth_l1_loss(
                logits, torch.logit(y[chosen], 1e-6)
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        torch.save(
            {"epochs": epoch + 1, **{name: part.state_dict() for name, part in kept.items()}}, work / "state.part"
        )
        (work / "state.part").replace(state)
        print(f"epoch {epoch + 1} of {epochs}: loss {total / (len(x) // BATCH):.4f}", flush=True)
    with torch.no_grad():  # the first layer takes over the scaling of its inputs
        network[0].weight /= torch.tensor(spread)
    return network, mean_shape


def scored(network: nn.Sequential, mean_shape: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The network's scores (face, 52) of meshes (face, 478, 3)."""
    shape = upright(landmarks[:, POINTS, :2], mean_shape) - mean_shape
    with torch.no_grad():
        found: np.ndarray = torch.sigmoid(network(torch.tensor(shape.reshape(len(shape), INPUTS)))).numpy()
    return found


def comparison(student_scores: np.ndarray, teacher_scores: np.ndarray) -> list[tuple[str, float, float, float, float]]:
    """Per score its name, the teacher's mean and standard deviation, the mean absolute difference, and the correlation."""
    apart = np.abs(student_scores - teacher_scores).mean(0)
    return [
        (
            name,
            float(teacher.mean()),
            float(teacher.std()),
            float(apart[k]),
            float(np.corrcoef(own, teacher)[0, 1]),
        )
        for k, (name, own, teacher) in enumerate(zip(BLENDSHAPES, student_scores.T, teacher_scores.T, strict=True))
    ]


def evaluate(work: Path, network: nn.Sequential, mean_shape: np.ndarray, videos: list[str]) -> None:
    """Print the agreement with the teacher on its own input, the mesh as it lies in the picture: faces held out from the training, and videos."""
    sources = {HELD_OUT: held_out(work)}
    sources |= {name: np.load(work / f"{name}.npz")["landmarks"] for name in ("PublicTest", *videos)}
    for source, meshes in sources.items():
        rows = comparison(scored(network, mean_shape, meshes), teacher_scores(work, source, meshes))
        used = [row for row in rows if row[2] >= 0.02]
        print(
            f"\n{source}: {len(meshes)} faces; mean absolute difference {np.mean([row[3] for row in rows]):.4f}; the "
            f"{len(used)} scores whose standard deviation is 0.02 or more: difference {np.mean([row[3] for row in used]):.4f}, "
            f"correlation {np.mean([row[4] for row in used]):.3f} on average, {min(row[4] for row in used):.3f} at least"
        )
        if source == "PublicTest":
            print("\n| score | mean | SD | difference | correlation |\n|---|---|---|---|---|")
            print(
                "\n".join(
                    f"| {name} | {mean:.3f} | {sd:.3f} | {apart:.3f} | {r:.3f} |" for name, mean, sd, apart, r in rows
                )
            )


def teacher_scores(work: Path, source: str, meshes: np.ndarray) -> np.ndarray:
    """The teacher's scores (face, 52) of a source's meshes as they lie in their pictures; computed once."""
    cached = work / f"teacher.{source}.npy"
    if not cached.exists():
        np.save(cached, Teacher(work / "teacher.npz")(torch.tensor(meshes[:, POINTS, :2])).numpy())
    found: np.ndarray = np.load(cached)
    return found


def golden(work: Path, mean_shape: np.ndarray) -> list[dict[str, object]]:
    """For some scores the mean shape (146, 2) of the faces that have most of it, and all of the teacher's scores of that shape: no one's face."""
    meshes = held_out(work)
    scores = teacher_scores(work, HELD_OUT, meshes)
    shapes = upright(meshes[:, POINTS, :2], mean_shape)
    means = [shapes[np.argsort(scores[:, BLENDSHAPES.index(name)])[-AVERAGED:]].mean(0) for name in GOLDEN]
    points = np.stack([shapes.mean(0), *means]).astype(np.float64).round(4)
    scores = (
        Teacher(work / "teacher.npz")(torch.tensor(points, dtype=torch.float32)).numpy().astype(np.float64).round(4)
    )
    return [
        {"name": name, "points": own.tolist(), "scores": given.tolist()}
        for name, own, given in zip(("mean", *GOLDEN), points, scores, strict=True)
    ]


def held_out(work: Path) -> np.ndarray:
    """The meshes (face, 478, 3) of Training that no sample was made from."""
    training = np.load(work / "Training.npz")
    found: np.ndarray = training["landmarks"][training["picture"] % 10 == 0]
    return found


def ship(network: nn.Sequential, mean_shape: np.ndarray) -> None:
    """Write the weights file, weights in float16, and print what its card and `blendshapes.py` state of it."""
    arrays = {"mean_shape": mean_shape}
    for number, layer in enumerate(part for part in network if isinstance(part, nn.Linear)):
        arrays[f"{number}.weight"] = layer.weight.detach().numpy().astype(np.float16)
        arrays[f"{number}.bias"] = layer.bias.detach().numpy()
    write_atomically(PATH, save(arrays))
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes, sha256 {file_checksum(PATH)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="folder of tools/blendshape_landmarks.py")
    parser.add_argument("--video", nargs="*", default=[], help="names of videos there that are evaluated")
    parser.add_argument("--blocks", type=int, default=44, help=f"blocks of {BLOCK} samples")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--golden", type=Path, help="file of the teacher's scores of mean shapes, for the test")
    parser.add_argument("--ship", action="store_true", help="write the weights file of the package")
    args = parser.parse_args()
    torch.set_num_threads(1)
    network, mean_shape = trained(args.work, args.blocks, args.epochs)
    evaluate(args.work, network, mean_shape, args.video)
    if args.golden:
        write_atomically(args.golden, json.dumps(golden(args.work, mean_shape)) + "\n")
    if args.ship:
        ship(network, mean_shape)


if __name__ == "__main__":
    main()
