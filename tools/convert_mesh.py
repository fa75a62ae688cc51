"""Converts the face mesh with irises into the file that ships with seqfer.

    pip download mediapipe==0.10.21 --no-deps --python-version 3.11 --only-binary :all: --platform manylinux_2_28_x86_64
    pip install tflite==2.18.0
    python tools/convert_mesh.py mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl

The wheel (Apache-2.0) contains the network as its authors published it, a TFLite file with weights in fp16. It computes 468 points from a picture of
192 x 192 pixels, and then looks again at three regions, lips and both eyes, in its own features: there it computes 80, 71 and 71 of the points more
exactly, and five points of each iris. The regions are found by operations of the publishers' own. Here they are plain ONNX operations (opset 16): a
region is a rectangle along the line between two of the points, 1.5 times as large as the points in it, and is read by GridSample. Feature cells
outside the picture count as 0. What the publishers' program does afterwards, the 478 points in one list, is part of the new file.

The new file takes pictures as they are in memory (uint8, face height width 3, RGB) and stores weights in fp16; arithmetic is fp32.
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tflite
from flatbuffers import flexbuffers
from onnx import TensorProto, helper, numpy_helper

from seqfer.core.files import write_atomically

SHA256 = "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4"
MEMBER = "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite"
SIDE, MESH, IRIS = 192, 468, 5
AROUND_IRIS = (  # an iris has the mean depth of the points around its eye
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398),
)
_OPERATIONS = {code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)}


def read_network(wheel: Path) -> tflite.Model:
    """The published network from the wheel. Ends the program when it is another one."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MEMBER)
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise SystemExit(
            f"{wheel}: checksum {found} of {MEMBER} is not that of mediapipe 0.10.21 ({SHA256}); give that wheel"
        )
    return tflite.Model.GetRootAsModel(content, 0)


@dataclass(frozen=True)
class Operation:
    """One operation of a TFLite graph: its name, the numbers of its tensors, and its options."""

    name: str
    inputs: list[int]
    outputs: list[int]
    raw: Any

    def options(self, kind: Any) -> Any:
        """The options of a built-in operation, of the class `kind`."""
        made, table = kind(), self.raw.BuiltinOptions()
        made.Init(table.Bytes, table.Pos)
        return made

    def own_options(self) -> dict[str, Any]:
        """The options of an operation of the publishers' own."""
        return flexbuffers.Loads(bytes(self.raw.CustomOptionsAsNumpy()))


class Network:
    """The published graph: its operations in order, shapes and constants of its tensors."""

    def __init__(self, model: tflite.Model) -> None:
        self._model, self._graph = model, model.Subgraphs(0)
        self.operations = [self._operation(self._graph.Operators(k)) for k in range(self._graph.OperatorsLength())]
        # fp16 weights are converted by an operation each, which is left out here: reading a constant converts it
        self._stored = {op.outputs[0]: op.inputs[0] for op in self.operations if op.name == "DEQUANTIZE"}

    def shape(self, tensor: int) -> list[int]:
        """(picture height width channel), as TFLite orders them."""
        return list(map(int, self._graph.Tensors(tensor).ShapeAsNumpy()))

    def constant(self, tensor: int) -> np.ndarray:
        """float32 or int32 values of a constant."""
        found = self._graph.Tensors(self._stored.get(tensor, tensor))
        kinds = {tflite.TensorType.FLOAT16: np.float16, tflite.TensorType.INT32: np.int32}
        values = np.frombuffer(
            self._model.Buffers(found.Buffer()).DataAsNumpy().tobytes(), kinds.get(found.Type(), np.float32)
        )
        return values.reshape(self.shape(tensor)).astype(np.int32 if values.dtype == np.int32 else np.float32)

    def input(self) -> int:
        """The tensor of the picture."""
        return int(self._graph.Inputs(0))

    def outputs(self) -> dict[str, int]:
        """Name -> tensor of the graph's outputs."""
        return {self._graph.Tensors(t).Name().decode(): int(t) for t in self._graph.OutputsAsNumpy()}

    def _operation(self, raw: Any) -> Operation:
        code = self._model.OperatorCodes(raw.OpcodeIndex())
        name = _OPERATIONS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        if name == "CUSTOM":
            name = code.CustomCode().decode()
        return Operation(name, [int(t) for t in raw.InputsAsNumpy()], [int(t) for t in raw.OutputsAsNumpy()], raw)


@dataclass(frozen=True)
class Region:
    """Names of tensors that say where a region is: (face 2 2) columns are its directions, (face 1 2) centre along them and size, in feature cells."""

    axes: str
    centre: str
    size: str


class Graph:
    """The ONNX graph being made. `values` are the names, or regions, that stand for the tensors of the published graph."""

    def __init__(self, network: Network) -> None:
        self.network, self.nodes, self.arrays = network, list[Any](), dict[str, np.ndarray]()
        self.values: dict[int, Any] = {}

    def add(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Append an operation with one output; returns the output's name."""
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, values: Any, kind: Any = np.float32) -> str:
        """A constant; of those that are equal there is one."""
        array = np.asarray(values, kind)
        name = f"constant_{hashlib.sha256(repr(array.shape).encode() + array.dtype.str.encode() + array.tobytes()).hexdigest()[:12]}"
        self.arrays[name] = array
        return name

    def weights(self, values: np.ndarray) -> str:
        """A constant that is stored in fp16, and converted when the file is opened."""
        return self.add("Cast", [self.constant(values, np.float16)], to=TensorProto.FLOAT)


def converted(network: Network) -> onnx.ModelProto:
    """The same function with pictures of bytes as input, and the 478 landmarks and the presence of a face as outputs."""
    graph = Graph(network)
    channels_first = graph.add("Transpose", ["picture"], perm=[0, 3, 1, 2])
    scaled = graph.add("Cast", [channels_first], to=TensorProto.FLOAT)
    graph.values[network.input()] = graph.add("Mul", [scaled, graph.constant(1 / 255)])
    regions = [op.own_options()["subset_idxs"] for op in network.operations if op.name == "Landmarks2TransformMatrix"]
    for operation in network.operations:
        if operation.name != "DEQUANTIZE":
            HANDLERS[operation.name](graph, operation)
    landmarks = joined(graph, *regions)
    flag = graph.add("Sigmoid", [graph.values[network.outputs()["conv_faceflag"]]])
    graph.nodes.append(helper.make_node("Identity", [landmarks], ["landmarks"], name="landmarks"))
    graph.nodes.append(
        helper.make_node("Reshape", [flag, graph.constant([-1], np.int64)], ["presence"], name="presence")
    )
    return model_of(graph)


def model_of(graph: Graph) -> onnx.ModelProto:
    """The checked model of a complete graph."""
    made = helper.make_graph(
        graph.nodes,
        "face_mesh",
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, ["face", SIDE, SIDE, 3])],
        [
            helper.make_tensor_value_info("landmarks", TensorProto.FLOAT, ["face", MESH + 2 * IRIS, 3]),
            helper.make_tensor_value_info("presence", TensorProto.FLOAT, ["face"]),
        ],
        [numpy_helper.from_array(array, name) for name, array in graph.arrays.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 16)], ir_version=8, producer_name="seqfer")
    onnx.checker.check_model(model, full_check=True)
    return model


def same_padding(size: Sequence[int], kernel: Sequence[int], stride: Sequence[int]) -> list[int]:
    """Pads of ONNX (top left bottom right) for TensorFlow's SAME: the odd one is below and to the right."""
    whole = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, kernel, stride)]
    return [pad // 2 for pad in whole] + [pad - pad // 2 for pad in whole]


def window_of(graph: Graph, operation: Operation, options: Any, kernel: Sequence[int]) -> dict[str, Any]:
    """Strides and pads of a convolution or pooling."""
    stride = [options.StrideH(), options.StrideW()]
    same = options.Padding() == tflite.Padding.SAME
    size = graph.network.shape(operation.inputs[0])[1:3]
    if options.FusedActivationFunction():
        raise SystemExit(f"{operation.name} has a fused activation, which this converter does not know")
    return {"strides": stride, "pads": same_padding(size, kernel, stride) if same else [0, 0, 0, 0]}


def convolution(graph: Graph, operation: Operation) -> None:
    """A convolution, also one by channel."""
    source, kernel, bias = operation.inputs
    weights, by_channel = graph.network.constant(kernel), operation.name == "DEPTHWISE_CONV_2D"
    order = (3, 0, 1, 2) if by_channel else (0, 3, 1, 2)
    options = operation.options(tflite.DepthwiseConv2DOptions if by_channel else tflite.Conv2DOptions)
    graph.values[operation.outputs[0]] = graph.add(
        "Conv",
        [graph.values[source], graph.weights(weights.transpose(order)), graph.weights(graph.network.constant(bias))],
        group=weights.shape[3] if by_channel else 1,
        **window_of(graph, operation, options, weights.shape[1:3]),
    )


def pooling(graph: Graph, operation: Operation) -> None:
    """The largest of each window."""
    options = operation.options(tflite.Pool2DOptions)
    kernel = [options.FilterHeight(), options.FilterWidth()]
    graph.values[operation.outputs[0]] = graph.add(
        "MaxPool",
        [graph.values[operation.inputs[0]]],
        kernel_shape=kernel,
        **window_of(graph, operation, options, kernel),
    )


def slope(graph: Graph, operation: Operation) -> None:
    """PReLU with a slope per channel, as slope * x + (1 - slope) * max(x, 0): ONNX Runtime computes these three, unlike PRelu, in the order of memory
    of its convolutions, which halves the time of the whole network."""
    source, slopes = operation.inputs
    values = graph.network.constant(slopes).reshape(-1, 1, 1, 1)
    before, group = graph.values[source], len(values)
    weights = graph.weights(values)
    scaled = graph.add("Conv", [before, weights], group=group)
    rest = graph.add(
        "Sub", [graph.constant(1.0), weights]
    )  # by ONNX Runtime once, when it opens the file: in fp16 it would not be exact
    positive = graph.add("Conv", [graph.add("Relu", [before]), rest], group=group)
    graph.values[operation.outputs[0]] = graph.add("Add", [scaled, positive])


def more_channels(graph: Graph, operation: Operation) -> None:
    """Further channels of zeros, by a convolution, which is faster than Pad for the same reason."""
    source, result = operation.inputs[0], operation.outputs[0]
    few, many = graph.network.shape(source)[3], graph.network.shape(result)[3]
    if graph.network.constant(operation.inputs[1]).ravel().tolist() != [0] * 7 + [many - few]:
        raise SystemExit("a padding adds more than channels, which this converter does not know")
    graph.values[result] = graph.add("Conv", [graph.values[source], graph.weights(np.eye(many, few)[:, :, None, None])])


def sum_of_two(graph: Graph, operation: Operation) -> None:
    """A sum."""
    graph.values[operation.outputs[0]] = graph.add("Add", [graph.values[t] for t in operation.inputs])


def reshaped(graph: Graph, operation: Operation) -> None:
    """Another shape; all here are of one row per face, so that the order of channels does not matter."""
    shape = [-1, *graph.network.shape(operation.outputs[0])[1:]]
    graph.values[operation.outputs[0]] = graph.add(
        "Reshape", [graph.values[operation.inputs[0]], graph.constant(shape, np.int64)]
    )


def product(graph: Graph, operation: Operation) -> None:
    """Landmarks in feature cells; or a region's matrix made to count in pixels, which `to_picture` does itself."""
    source, factor = operation.inputs
    before, scale = graph.values[source], graph.network.constant(factor)
    if isinstance(before, Region):
        if scale[0, 0].tolist() != [1, 1, 4, 4]:
            raise SystemExit(f"a region is scaled by {scale[0, 0].tolist()}, not by 1, 1, 4, 4")
        graph.values[operation.outputs[0]] = before
    else:
        graph.values[operation.outputs[0]] = graph.add("Mul", [before, graph.constant(scale.ravel())])


def region(graph: Graph, operation: Operation) -> None:
    """Where a region is: along the line between two points, around a list of points."""
    options = operation.own_options()
    if options["target_rotation_radians"] or (options["output_width"], options["scale_x"]) != (16, 1.5):
        raise SystemExit(f"a region has other settings than 16 cells, 1.5 and no rotation: {options}")
    points = graph.values[operation.inputs[0]]
    ends = [options["left_rotation_idx"], options["right_rotation_idx"]]
    left, right = (_flat(graph, points, [end]) for end in ends)
    line = graph.add("Sub", [right, left])  # (face 1 2)
    length = graph.add("ReduceL2", [line], axes=[2], keepdims=1)
    along = graph.add("Div", [line, graph.add("Max", [length, graph.constant(1e-6)])])
    swapped = graph.add("Gather", [along, graph.constant([1, 0], np.int64)], axis=2)
    across = graph.add("Mul", [swapped, graph.constant([-1.0, 1.0])])
    axes = graph.add("Transpose", [graph.add("Concat", [along, across], axis=1)], perm=[0, 2, 1])
    turned = graph.add("MatMul", [_flat(graph, points, options["subset_idxs"]), axes])
    least = graph.add("ReduceMin", [turned], axes=[1], keepdims=1)
    most = graph.add("ReduceMax", [turned], axes=[1], keepdims=1)
    centre = graph.add("Mul", [graph.add("Add", [least, most]), graph.constant(0.5)])
    graph.values[operation.outputs[0]] = Region(axes, centre, graph.add("Sub", [most, least]))


def _flat(graph: Graph, points: str, rows: Sequence[int]) -> str:
    """x and y of some points: (face point 3) -> (face row 2)."""
    chosen = graph.add("Gather", [points, graph.constant(rows, np.int64)], axis=1)
    return graph.add("Gather", [chosen, graph.constant([0, 1], np.int64)], axis=2)


def _in_picture(graph: Graph, place: Region, within: str) -> str:
    """Places in a region, from -0.5 to 0.5 along both of its sides (face or 1, point, 2), in feature cells of the picture."""
    size = graph.add("Mul", [place.size, graph.constant(1.5)])
    turned = graph.add("Add", [graph.add("Mul", [within, size]), place.centre])
    return graph.add("MatMul", [turned, graph.add("Transpose", [place.axes], perm=[0, 2, 1])])


def region_features(graph: Graph, operation: Operation) -> None:
    """The features of a region, 16 x 16, interpolated linearly between the centres of the cells."""
    features, matrix = operation.inputs
    steps = (np.arange(16) + 0.5) / 16 - 0.5
    within = np.stack(np.meshgrid(steps, steps), -1).reshape(1, 256, 2)  # x before y
    cells = _in_picture(graph, graph.values[matrix], graph.constant(within))
    width = graph.network.shape(features)[2]
    scaled = graph.add("Sub", [graph.add("Mul", [cells, graph.constant(2 / width)]), graph.constant(1.0)])
    grid = graph.add("Reshape", [scaled, graph.constant([-1, 16, 16, 2], np.int64)])
    graph.values[operation.outputs[0]] = graph.add(
        "GridSample", [graph.values[features], grid], mode="bilinear", padding_mode="zeros", align_corners=0
    )


def to_picture(graph: Graph, operation: Operation) -> None:
    """Landmarks of a region, which count in 64 pixels, in the pixels of the picture."""
    points, matrix = operation.inputs
    within = graph.add("Mul", [graph.values[points], graph.constant(1 / 64)])
    within = graph.add("Sub", [within, graph.constant(0.5)])
    cells = _in_picture(graph, graph.values[matrix], within)
    graph.values[operation.outputs[0]] = graph.add("Mul", [cells, graph.constant(4.0)])


def nothing(graph: Graph, operation: Operation) -> None:
    """An operation that only hands its input on."""
    graph.values[operation.outputs[0]] = graph.values[operation.inputs[0]]


HANDLERS: dict[str, Callable[[Graph, Operation], None]] = {
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": convolution,
    "MAX_POOL_2D": pooling,
    "PRELU": slope,
    "PAD": more_channels,
    "ADD": sum_of_two,
    "RESHAPE": reshaped,
    "MUL": product,
    "STRIDED_SLICE": nothing,
    "Landmarks2TransformMatrix": region,
    "TransformTensorBilinear": region_features,
    "TransformLandmarks": to_picture,
}


def joined(graph: Graph, lips: Sequence[int], first_eye: Sequence[int], second_eye: Sequence[int]) -> str:
    """(face 478 3): the mesh, in which the points of the regions replace its own, and five points of each iris."""
    ends = graph.network.outputs()
    names = ["lips", "left_eye", "right_eye", "left_iris", "right_iris"]  # the picture's left
    mesh = graph.add("Reshape", [graph.values[ends["output_mesh_identity"]], graph.constant([-1, MESH, 3], np.int64)])
    flat = [_flat(graph, mesh, range(MESH))]
    for name in names:
        flat.append(graph.add("Reshape", [graph.values[ends[f"output_{name}"]], graph.constant([0, -1, 2], np.int64)]))
    source, start = np.arange(MESH + 2 * IRIS), MESH
    replaced = [lips, first_eye, second_eye, range(MESH, MESH + IRIS), range(MESH + IRIS, MESH + 2 * IRIS)]
    for rows in replaced:
        source[list(rows)] = np.arange(start, start + len(rows))
        start += len(rows)
    places = graph.add("Gather", [graph.add("Concat", flat, axis=1), graph.constant(source, np.int64)], axis=1)
    depth = graph.add("Gather", [mesh, graph.constant([2], np.int64)], axis=2)
    depths = [depth]
    for around in AROUND_IRIS:
        near = graph.add("Gather", [depth, graph.constant(around, np.int64)], axis=1)
        depths += [graph.add("ReduceMean", [near], axes=[1], keepdims=1)] * IRIS
    return graph.add("Concat", [places, graph.add("Concat", depths, axis=1)], axis=2)


def main() -> None:
    """Convert and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, default=Path("seqfer/weights_files/face_mesh.onnx"))
    args = parser.parse_args()
    content = converted(Network(read_network(args.wheel))).SerializeToString()
    write_atomically(args.out, content)
    print(f"{args.out}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
