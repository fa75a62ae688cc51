"""Makes the graphs of ONNX Runtime of the included encoders, and registers their checksums: after `ship_weights.py`.

    python tools/ship_graphs.py [compact] [small]

A graph takes float32 faces in [0, 1] (image channel height width) and gives features and class logits. Its weights are read out of the weights file
beside it, in float16 as there, so that they are in the package once and the numbers are torch's in single precision; that is checked on random
pictures before the file is written.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import re
import struct
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from seqfer.core.files import file_checksum, write_atomically
from seqfer.models.included import SHIPPED, TIERS
from seqfer.models.layers import FrameEncoder
from seqfer.models.weights import read_encoder
from seqfer.runs.onnx_session import open_session

PACKAGE = Path(__file__).resolve().parent.parent / "seqfer"
OPSET, NEAR = 17, 1e-5


class _FeaturesAndLogits(nn.Module):
    def __init__(self, encoder: FrameEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.encoder.embed(images)
        return features, self.encoder.classifier(features)


def graph_of(encoder: FrameEncoder, weights: Path, about: dict[str, object]) -> bytes:
    """The graph of an encoder in eval mode; its weights are in the weights file."""
    exported, plain = io.BytesIO(), _FeaturesAndLogits(copy.deepcopy(encoder)).to(memory_format=torch.contiguous_format)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter is deprecated; the new one folds batch norms into weights too
        torch.onnx.export(
            plain.eval(),
            (torch.zeros(2, encoder.channels, encoder.input_size, encoder.input_size),),
            exported,  # type: ignore[arg-type]
            dynamo=False,
            training=torch.onnx.TrainingMode.PRESERVE,  # batch norms stay: folded weights are no float16 numbers
            do_constant_folding=False,
            opset_version=OPSET,
            input_names=["images"],
            output_names=["features", "logits"],
            dynamic_axes={name: {0: "image"} for name in ("images", "features", "logits")},
        )
    model = onnx.load_from_string(exported.getvalue())
    halved(model)
    onnx.checker.check_model(model)
    linked(model, weights)
    helper.set_model_props(model, {"seqfer": json.dumps(about)})
    return model.SerializeToString()


def halved(model: onnx.ModelProto) -> None:
    """Store the weights that are float16 numbers as such, with a Cast that ONNX Runtime computes when it opens the graph."""
    graph, casts = model.graph, []
    for weights in list(graph.initializer):
        values = numpy_helper.to_array(weights)
        if weights.data_type != TensorProto.FLOAT or values.size < 16 or (values.astype(np.float16) != values).any():
            continue
        name = weights.name
        graph.initializer.remove(weights)
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], name=f"{name}.cast", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def linked(model: onnx.ModelProto, weights: Path) -> None:
    """Have the graph read its weights at their place in the weights file. Stops where one is not there."""
    content = weights.read_bytes()
    (header,) = struct.unpack_from("<Q", content)
    tensors = json.loads(content[8 : 8 + header])
    spans = [[8 + header + at for at in one["data_offsets"]] for name, one in tensors.items() if name != "__metadata__"]
    places = {content[start:end]: (start, end - start) for start, end in spans}
    for weight in (one for one in model.graph.initializer if one.name.endswith(".half")):
        offset, length = places[weight.raw_data]
        weight.ClearField("raw_data")
        weight.data_location = TensorProto.EXTERNAL
        for key, value in (("location", weights.name), ("offset", offset), ("length", length)):
            weight.external_data.add(key=key, value=str(value))


@torch.no_grad()
def check(content: bytes, weights: Path, encoder: FrameEncoder) -> None:
    """Stops where the graph gives other numbers than torch."""
    session = open_session(content, folder=weights.parent)
    images = torch.rand(5, encoder.channels, encoder.input_size, encoder.input_size)
    features = encoder.embed(images)
    wanted = (features, encoder.classifier(features))
    for found, torchs in zip(session.run(["features", "logits"], {"images": images.numpy()}), wanted, strict=True):
        apart = float(np.abs(found - torchs.numpy()).max()) / max(1.0, float(torchs.abs().max()))
        if apart > NEAR:
            raise SystemExit(f"the graph differs from torch by {apart:.1e} of the largest number")


def register(table: str, encoder: str, file: str, sha256: str) -> None:
    """Put the line into a table of graphs of included.py."""
    source = PACKAGE / "models" / "included.py"
    before, opening, rest = source.read_text().partition(f"{table}: dict[str, IncludedWeights] = {{\n")
    body, end, after = rest.partition("}\n")
    kept = re.sub(rf'    "{encoder}": IncludedWeights\([^)]*\),\n', "", body)
    line = f'    "{encoder}": IncludedWeights(\n        "{file}", "{sha256}"\n    ),\n'
    write_atomically(source, f"{before}{opening}{line}{kept}{end}{after}")


def state_in_card(graph: Path) -> None:
    """Put a row about the graph below that of the weights file into the model card that they share."""
    card = graph.with_suffix(".md")
    size, sha256 = graph.stat().st_size, file_checksum(graph)
    row = f"| graph for ONNX Runtime, which reads these weights | `{graph.name}`, {size:,} bytes, sha256 `{sha256}` |"
    lines = [line for line in card.read_text().split("\n") if not line.startswith("| graph for")]
    lines.insert(next(i for i, line in enumerate(lines) if line.startswith("| file |")) + 1, row)
    write_atomically(card, "\n".join(lines))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tiers", nargs="*", metavar="TIER", default=sorted(TIERS))
    for tier in parser.parse_args().tiers:
        name = TIERS[tier]
        encoder, meta = read_encoder(name)
        about = {"encoder": name, "classes": list(meta["classes"]), "weights_sha256": SHIPPED[name].sha256}
        weights = SHIPPED[name].path
        content = graph_of(encoder, weights, about)
        check(content, weights, encoder)
        path = PACKAGE / "weights_files" / f"{tier}.onnx"
        write_atomically(path, content)
        register("SHIPPED_GRAPHS", name, path.name, file_checksum(path))
        state_in_card(path)
        print(f"{path.name}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
