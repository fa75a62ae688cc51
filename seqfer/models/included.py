"""The weights that are included with seqfer: their files, and the checksums that they are read with. Imports no torch.

`tools/ship_weights.py`, `tools/ship_head.py`, `tools/ship_valence.py` and `tools/ship_graphs.py` write the lines of these tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seqfer.core.errors import SettingsError
from seqfer.models.settings import SUFFIXES


@dataclass(frozen=True)
class IncludedWeights:
    """A weights file inside the package: its name in `weights_files/` and its sha256."""

    file: str
    sha256: str

    @property
    def path(self) -> Path:
        """Path of the file in this installation."""
        return Path(__file__).parent.parent / "weights_files" / self.file


# Encoder name -> the weights included for it; the model card is in the same folder. `tools/ship_weights.py` writes these lines.
SHIPPED: dict[str, IncludedWeights] = {
    "mobilenet": IncludedWeights(
        "compact.safetensors", "6327d0aafa531154ee5eea3c261b223b7c7bea64032b91d6cb7901f0042542cb"
    ),
    "resezap_mirrored": IncludedWeights(
        "small.safetensors", "54ded58920ddf8e8c0ce412c10ddb3566a4cbb01a2ea8054bc3d5b402f7eb622"
    ),
}
# Encoder name -> head name -> the temporal head included for it, trained on that encoder's included weights.
SHIPPED_HEADS: dict[str, dict[str, IncludedWeights]] = {
    "mobilenet": {
        "bilstm": IncludedWeights(
            "compact_bilstm.safetensors", "21aac58527d96cb320080d9ab3b2dfcb868e93a8abdf4ac28c0c24cfe4abe3ab"
        ),
        "lstm": IncludedWeights(
            "compact_lstm.safetensors", "d0f13ba06976d7051d28535e5d33b095d195a6ece5161b15ea7c8f9e3013d8b3"
        ),
    },
}
# Encoder name -> the layer of nine valence levels included for it, on the features of that encoder's included weights.
SHIPPED_VALENCE: dict[str, IncludedWeights] = {
    "mobilenet": IncludedWeights(
        "compact_valence.safetensors", "24fdc831ffc06f5de5f8760f247ed0ae9d8f3dcc8490ccc14881c86e7f2427c2"
    ),
}
# Encoder name -> the graph of ONNX Runtime of its included weights. `tools/ship_graphs.py` writes these lines.
SHIPPED_GRAPHS: dict[str, IncludedWeights] = {
    "resezap_mirrored": IncludedWeights(
        "small.onnx", "ff10fc74449a953cb4fd01c97907b4ba2bc4a8ce2244a5d8efe33ddebdc077ba"
    ),
    "mobilenet": IncludedWeights("compact.onnx", "674e213085840c72b2f39cca70c23d864ae5b063a2420c6459c0f4ae72e882d9"),
}
# Encoder name -> its graph with int8 weights and uint8 activations. `tools/quantise_encoder.py` writes these lines.
SHIPPED_INT8: dict[str, IncludedWeights] = {
    "mobilenet": IncludedWeights(
        "compact_int8.onnx", "3525998d7e51dbcd7b622f4fdd21872207511f8baca444dcd4e1d520da5f1e14"
    ),
}
# Tier, the user's name of an included model -> its encoder. `small` has at most 54,480 parameters, `compact` at most 3 million.
TIERS = {"small": "resezap_mirrored", "compact": "mobilenet"}
# Included encoders by which a still is classified by the mean over two views, as their `FrameEncoder.two_views` says.
TWO_VIEWS = frozenset({"mobilenet"})


def tiers_in_int8() -> str:
    """The tiers of which an int8 graph is included, as a text."""
    return ", ".join(tier for tier, encoder in TIERS.items() if encoder in SHIPPED_INT8)


def weights_of(graph: IncludedWeights) -> IncludedWeights | None:
    """The weights file that an included graph reads its weights from, or None where it holds them itself."""
    return next((SHIPPED[encoder] for encoder, one in SHIPPED_GRAPHS.items() if one == graph), None)


def included_encoder(name: str) -> IncludedWeights | None:
    """The weights included for a tier or an encoder, or None."""
    return SHIPPED.get(TIERS.get(name, name))


def check_included_or_file(model: str) -> None:
    """Raises SettingsError for a name that is neither that of an included model nor that of a .safetensors or .onnx file."""
    if not model.endswith((".safetensors", SUFFIXES["onnx"])) and included_encoder(model) is None:
        tiers = ", ".join(tier for tier, encoder in TIERS.items() if encoder in SHIPPED)
        raise SettingsError(
            f"model is {model!r}; allowed: {tiers}, a .safetensors file of `seqfer train`, or a .onnx file of `seqfer export`"
        )
