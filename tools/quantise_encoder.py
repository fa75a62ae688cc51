"""Makes the int8 graph of the included model `compact`, and registers its checksum: after `ship_graphs.py`.

    seqfer prepare fer2013 FOLDER -o fer2013.jsonl
    python tools/quantise_encoder.py fer2013.jsonl

Weights are int8, per output channel; activations uint8 in [0, 6], the range of ReLU6, which the rounding to uint8 replaces. The first convolution,
the mean over the map and the classifier stay fp32. Where only a depthwise convolution follows, every channel of the activations is enlarged to the
whole range, which that convolution undoes. The layers are quantised one after the other, each towards the outputs that it has in fp32, on inputs
that are quantised already (`rounded_weights.py`), so that errors do not add up; the bias takes what is left of them. That uses 256 faces of the split
Training, drawn with seed 0. The differences from fp32 are printed for 512 other faces of Training. No label is used.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from rounded_weights import fitted, rounded
from ship_graphs import OPSET, PACKAGE, register
from torch import Tensor, nn
from torch.nn import functional as F

from seqfer.core.files import file_checksum, write_atomically
from seqfer.corpus.faces import open_data
from seqfer.corpus.stills import image_set, of_split
from seqfer.encoders.mobilenet import CONTRAST, RESOLUTION, MobileNet
from seqfer.models.included import SHIPPED, TIERS
from seqfer.models.layers import fuse_conv_bn, standardise
from seqfer.models.weights import read_encoder

TIER, FILE = "compact", "compact_int8.onnx"
FACES, HELD_OUT, SEED = 256, 512, 0
HIGHEST, LEVELS = 6.0, 255  # of ReLU6, and of uint8
STEP = HIGHEST / LEVELS
KEPT = (
    1.0,
    0.95,
    0.9,
    0.85,
    0.8,
    0.75,
    0.7,
    0.6,
    0.5,
)  # parts of a channel's largest activation that are tried as its range
LARGEST_FACTOR = 256.0  # of channels that are nearly always 0


@dataclass(frozen=True)
class Layer:
    """A convolution with its batch norm: weight (output input/groups height width), bias (output,)."""

    weight: Tensor
    bias: Tensor
    stride: int
    groups: int

    @property
    def pads(self) -> list[int]:
        """Rows above, columns to the left, rows below, columns to the right; as in `seqfer.encoders.mobilenet`."""
        if self.weight.shape[-1] == 1:
            return [0, 0, 0, 0]
        return [0, 0, 1, 1] if self.stride == 2 else [1, 1, 1, 1]

    def padded(self, x: Tensor) -> Tensor:
        """(image input height width) with the border of zeros."""
        above, left, below, right = self.pads
        return F.pad(x, (left, right, above, below))

    def __call__(self, x: Tensor) -> Tensor:
        """(image input height width) -> (image output height width), without the activation."""
        return F.conv2d(self.padded(x), self.weight, self.bias, self.stride, groups=self.groups)


@dataclass(frozen=True)
class QuantisedLayer:
    """`layer` computes in units in which the outputs are in [0, 6]: `factor` (output,) times those of fp32. `scale` (output,) of its weights;
    None: they are fp32."""

    layer: Layer
    factor: Tensor
    scale: Tensor | None

    def __call__(self, x: Tensor) -> Tensor:
        """As the graph computes it: (image input height width) -> (image output height width), multiples of `STEP`."""
        return quantised(self.layer(x))


def quantised(x: Tensor) -> Tensor:
    """The nearest multiples of `STEP` in [0, 6]."""
    return (x / STEP).round().clamp(0, LEVELS) * STEP


def layers_of(encoder: MobileNet) -> list[Layer]:
    """The convolutions from the input to the features."""
    fused = fuse_conv_bn(encoder)
    found = [Layer(fused.stem.weight, fused.stem.bias, 2, 1)]  # type: ignore[union-attr, arg-type]
    for block in fused.blocks:  # type: ignore[union-attr]
        depthwise, pointwise = block.depthwise, block.pointwise
        found.append(Layer(depthwise.weight, depthwise.bias, block.stride, depthwise.groups))
        found.append(Layer(pointwise.weight, pointwise.bias, 1, 1))
    return [Layer(layer.weight.contiguous(), layer.bias, layer.stride, layer.groups) for layer in found]


def entered(images: Tensor) -> Tensor:
    """(image 1 height width) in [0, 1] -> the input of the first layer."""
    enlarged = F.interpolate(images, size=(RESOLUTION, RESOLUTION), mode="bilinear", align_corners=False)
    return standardise(enlarged) * CONTRAST


@torch.no_grad()
def quantise(layers: Sequence[Layer], images: Tensor) -> list[QuantisedLayer]:
    """The layers with integer weights, from faces (image 1 height width) in [0, 1]."""
    exact = approximate = entered(images)
    made: list[QuantisedLayer] = []
    for number, layer in enumerate(layers):
        wanted = layer(exact)
        exact = wanted.clamp(0, HIGHEST)
        followed_by_depthwise = number % 2 == 0 and number + 1 < len(layers)
        factor = channel_factors(exact) if followed_by_depthwise else torch.ones(len(layer.bias))
        if number == 0:
            unrounded = Layer(
                layer.weight * factor[:, None, None, None], layer.bias * factor, layer.stride, layer.groups
            )
            made.append(QuantisedLayer(unrounded, factor, None))
        else:
            own = undone(layer, made[-1].factor)
            made.append(quantise_layer(own, approximate, wanted, factor))
        approximate = made[-1](approximate)
    return made


def undone(layer: Layer, factor: Tensor) -> Layer:
    """The layer for inputs that are `factor` (input,) times as large."""
    place = (-1, 1, 1, 1) if layer.groups > 1 else (1, -1, 1, 1)
    return Layer(layer.weight / factor.view(place), layer.bias, layer.stride, layer.groups)


def channel_factors(activations: Tensor) -> Tensor:
    """What enlarges each channel of (image channel height width) to [0, 6]; of its range, that with the least squared error in uint8 is taken."""
    shown = activations[:64]
    largest = activations.amax((0, 2, 3)).clamp_min(1e-3)
    errors = []
    for part in KEPT:
        factor = (HIGHEST / (largest * part)).view(1, -1, 1, 1)
        errors.append((quantised(shown * factor) / factor - shown).square().mean((0, 2, 3)))
    kept = torch.tensor(KEPT)[torch.stack(errors).argmin(0)]
    return (HIGHEST / (largest * kept)).clamp(1, LARGEST_FACTOR)


def quantise_layer(layer: Layer, inputs: Tensor, wanted: Tensor, factor: Tensor) -> QuantisedLayer:
    """Integer weights for quantised inputs (image input height width), towards outputs (image output height width)."""
    missing = centred(wanted - layer(inputs))
    if layer.groups == 1:
        seen = centred(inputs)  # (input position)
        covariance, residuals = seen @ seen.T / seen.shape[1], seen @ missing.T / seen.shape[1]
        weights = layer.weight.flatten(1).double().numpy()
    else:
        covariance, residuals = tap_covariances(layer, inputs, missing)
        weights = layer.weight.flatten(1)[:, None].double().numpy()  # (channel 1 tap)
    weights = fitted(weights, covariance, residuals)
    integers, scale = rounded(weights, covariance, pairs=layer.groups == 1)
    values = torch.from_numpy(integers * scale[..., None]).float().reshape(layer.weight.shape)
    found = Layer(values, layer.bias, layer.stride, layer.groups)
    bias = layer.bias + (wanted - found(inputs)).mean((0, 2, 3))
    enlarged = Layer(values * factor.view(-1, 1, 1, 1), bias * factor, layer.stride, layer.groups)
    return QuantisedLayer(enlarged, factor, torch.from_numpy(scale.reshape(-1)) * factor)


def centred(x: Tensor) -> np.ndarray:
    """(image channel height width) -> (channel position) without each channel's mean."""
    values: np.ndarray = x.transpose(0, 1).flatten(1).double().numpy()
    return values - values.mean(1, keepdims=True)


def tap_covariances(layer: Layer, inputs: Tensor, missing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(channel tap tap) covariance of a depthwise convolution's nine inputs, and theirs with `missing` (channel position): (channel tap 1)."""
    padded, found = layer.padded(inputs), []
    for channel in range(padded.shape[1]):
        taps = F.unfold(padded[:, channel : channel + 1], 3, stride=layer.stride)  # (image tap position)
        seen = centred(taps[..., None])
        found.append((seen @ seen.T / seen.shape[1], seen @ missing[channel, :, None] / seen.shape[1]))
    covariances, residuals = zip(*found, strict=True)
    return np.stack(covariances), np.stack(residuals)


class Graph:
    """Collects the nodes and arrays of an ONNX graph."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.arrays: list[onnx.TensorProto] = []

    def array(self, name: str, values: object, kind: type) -> str:
        """Adds an array and returns its name."""
        self.arrays.append(numpy_helper.from_array(np.ascontiguousarray(np.asarray(values), kind), name))
        return name

    def node(self, operation: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        """Adds a node and returns the name of its output."""
        self.nodes.append(helper.make_node(operation, list(inputs), [output], name=output, **attributes))
        return output


def graph_of(layers: Sequence[QuantisedLayer], classifier: nn.Linear, size: int, about: dict[str, object]) -> bytes:
    """The graph from float32 faces in [0, 1] (image 1 height width) to features and logits."""
    graph = Graph()
    step, zero = graph.array("step", STEP, np.float32), graph.array("zero", 0, np.uint8)
    last = add_input(graph, size)
    for number, layer in enumerate(layers):
        last = add_layer(graph, number, layer, last)
    activations = graph.node("DequantizeLinear", [last, step, zero], "activations")
    graph.node("ReduceMean", [activations], "features", axes=[2, 3], keepdims=0)
    weight = graph.array("classifier.weight", classifier.weight.detach().numpy(), np.float32)
    bias = graph.array("classifier.bias", classifier.bias.detach().numpy(), np.float32)
    graph.node("Gemm", ["features", weight, bias], "logits", transB=1)
    widths = {"features": classifier.in_features, "logits": classifier.out_features}
    made = helper.make_graph(
        graph.nodes,
        FILE.removesuffix(".onnx"),
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["image", 1, size, size])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["image", width]) for name, width in widths.items()],
        graph.arrays,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    helper.set_model_props(model, {"seqfer": json.dumps(about)})
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def add_input(graph: Graph, size: int) -> str:
    """Enlarges by two products with a matrix, which take less time than the operation Resize, and standardises."""
    rows = F.interpolate(torch.eye(size)[None, None], size=(RESOLUTION, size), mode="bilinear", align_corners=False)[
        0, 0
    ]
    tall = graph.node("MatMul", [graph.array("rows", rows.numpy(), np.float32), "images"], "tall")
    enlarged = graph.node("MatMul", [tall, graph.array("columns", rows.T.numpy(), np.float32)], "enlarged")
    mean = graph.node("ReduceMean", [enlarged], "pixel_mean", axes=[1, 2, 3], keepdims=1)
    centre = graph.node("Sub", [enlarged, mean], "centred")
    norm = graph.node("ReduceL2", [centre], "norm", axes=[1, 2, 3], keepdims=1)
    # deviation = norm / sqrt(pixels - 1); result = centred * CONTRAST / (deviation + 0.02)
    root = float(np.sqrt(RESOLUTION**2 - 1))
    divisor = graph.node("Div", [norm, graph.array("root", root * CONTRAST, np.float32)], "scaled_norm")
    divisor = graph.node("Add", [divisor, graph.array("least", 0.02 / CONTRAST, np.float32)], "divisor")
    return graph.node("Div", [centre, divisor], "standardised")


def add_layer(graph: Graph, number: int, quantised_layer: QuantisedLayer, before: str) -> str:
    """A convolution from and to uint8; the first one is computed in fp32."""
    layer, scale = quantised_layer.layer, quantised_layer.scale
    size = layer.weight.shape[-1]
    place = {"kernel_shape": [size, size], "strides": [layer.stride] * 2, "pads": layer.pads, "group": layer.groups}
    weight, bias = f"{number}.weight", f"{number}.bias"
    if scale is None:
        arrays = [
            graph.array(weight, layer.weight.numpy(), np.float32),
            graph.array(bias, layer.bias.numpy(), np.float32),
        ]
        made = graph.node("Conv", [before, *arrays], f"{number}.convolved", **place)
        return graph.node("QuantizeLinear", [made, "step", "zero"], f"{number}.made")
    integers = (layer.weight.double() / scale.view(-1, 1, 1, 1)).round().numpy()
    addends = (layer.bias.double() / (scale * STEP)).round().clamp(-(2**31), 2**31 - 1).numpy()
    weights = [
        graph.array(weight, integers, np.int8),
        graph.array(f"{number}.scale", scale.numpy(), np.float32),
        graph.array(f"{number}.zero", np.zeros(len(scale)), np.int8),
    ]
    inputs = [before, "step", "zero", *weights, "step", "zero", graph.array(bias, addends, np.int32)]
    return graph.node("QLinearConv", inputs, f"{number}.made", **place)


def faces_of(manifest: str, classes: Sequence[str], size: int) -> tuple[Tensor, Tensor]:
    """Two sets of faces of the split Training, (image 1 height width) in [0, 1]: to quantise with, and to compare on."""
    faces = np.asarray(image_set(of_split(open_data(manifest), "Training"), classes, size).images)
    order = np.random.default_rng(SEED).permutation(len(faces))
    drawn = torch.from_numpy(faces[order[: FACES + HELD_OUT]].reshape(-1, 1, size, size).astype(np.float32) / 255)
    return drawn[:FACES], drawn[FACES:]


@torch.no_grad()
def compare(content: bytes, encoder: MobileNet, images: Tensor) -> str:
    """How far the graph is from fp32."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    features, logits = map(torch.from_numpy, session.run(["features", "logits"], {"images": images.numpy()}))
    wanted = torch.cat([encoder.embed(batch) for batch in images.split(64)])
    exact, found = encoder.classifier(wanted).softmax(1), logits.softmax(1)
    return (
        f"features differ by {float((features - wanted).norm() / wanted.norm()):.2%}, probabilities by "
        f"{float((exact - found).abs().mean()):.4f}, another class {float((exact.argmax(1) != found.argmax(1)).float().mean()):.2%}"
    )


def state_in_card(graph: Path) -> None:
    """Put the file's size and checksum into its model card."""
    card = graph.with_suffix(".md")
    row = f"| file | `{graph.name}`, {graph.stat().st_size:,} bytes, sha256 `{file_checksum(graph)}` |"
    lines = [row if line.startswith("| file |") else line for line in card.read_text().split("\n")]
    write_atomically(card, "\n".join(lines))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="manifest of FER2013 (.jsonl)")
    args = parser.parse_args()
    torch.set_num_threads(1)  # sums in one order
    name = TIERS[TIER]
    encoder, meta = read_encoder(name)
    assert isinstance(encoder, MobileNet)
    drawn, others = faces_of(args.data, meta["classes"], encoder.input_size)
    layers = quantise(layers_of(encoder), drawn)
    about = {"encoder": name, "classes": list(meta["classes"]), "weights_sha256": SHIPPED[name].sha256}
    content = graph_of(layers, encoder.output_layer, encoder.input_size, about)
    print(f"{FILE}: {len(content):,} bytes; {len(others)} other faces of Training: {compare(content, encoder, others)}")
    path: Path = PACKAGE / "weights_files" / FILE
    write_atomically(path, content)
    register("SHIPPED_INT8", name, path.name, file_checksum(path))
    state_in_card(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
