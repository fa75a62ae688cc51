"""Included models without torch: everything that `FilmModel` gives, with the same numbers, and nothing heavy imported."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from tiny_models import stills

from seqfer.models.film_files import add_valence
from seqfer.models.film_model import FilmModel
from seqfer.models.graph_model import GraphModel, open_graph_model
from seqfer.models.opening import open_model

FRAMES = 40
CASES = [
    ("compact", "average", True),
    ("compact", "bilstm", True),
    ("compact", "lstm", False),
    ("compact", "none", True),
    ("small", "none", True),
]


def both(name: str, head: str, valence: bool) -> tuple[GraphModel, FilmModel]:
    made = open_model(name, kind="video", device="cpu", causal=head == "lstm", frames_alone=head == "none")
    if head == "average":
        made = made.averaging()
    graph = open_graph_model(name, head, valence=valence, precision="fp32")
    assert graph is not None
    return graph, add_valence(made) if valence else made


@pytest.mark.parametrize(("name", "head", "valence"), CASES)
def test_it_is_the_model_that_torch_runs(name: str, head: str, valence: bool) -> None:
    graph, made = both(name, head, valence)
    for what in ("name", "encoder_name", "head_name", "classes", "checksums", "causal", "temporal"):
        assert getattr(graph, what) == getattr(made, what), what
    assert (graph.input_dim, graph.output_dim) == (made.input_dim, made.output_dim)
    assert (graph.input_size, graph.channels, graph.precision) == (made.input_size, made.channels, made.precision)
    assert graph.temperature == pytest.approx(made.temperature)
    assert (graph.valence is None) == (made.valence is None)
    if graph.valence is not None and made.valence is not None:
        for what in ("name", "checksum", "source", "head"):
            assert getattr(graph.valence, what) == getattr(made.valence, what), what


@pytest.mark.parametrize(("name", "head", "valence"), CASES)
def test_its_numbers_are_torchs(name: str, head: str, valence: bool) -> None:
    graph, made = both(name, head, valence)
    faces = stills(FRAMES, size=graph.input_size)
    inputs = made.encode(faces)
    assert np.allclose(graph.encode(faces), inputs, atol=2e-4)
    mask, times_s = np.ones((1, FRAMES), dtype=bool), np.arange(FRAMES)[None] / 25
    looked = [m.step(inputs[None])[0] if m.causal else m.look(inputs[None], mask, times_s) for m in (graph, made)]
    (shares, value), (wanted, wanted_value) = graph.read(looked[0]), made.read(looked[1])
    assert np.allclose(shares, wanted, atol=1e-6)
    assert (value is None) == (wanted_value is None)
    if value is not None:
        assert np.allclose(value, wanted_value, atol=1e-6)
    assert graph.encode(faces[:0]).shape == (0, graph.input_dim)


def test_frame_by_frame_a_causal_head_gives_what_it_gives_at_once() -> None:
    graph, _ = both("compact", "lstm", True)
    inputs = graph.encode(stills(6, size=48))[None]
    first, state = graph.step(inputs[:, :2])
    rest, _ = graph.step(inputs[:, 2:], state)
    assert np.allclose(np.concatenate([first, rest], 1), graph.step(inputs)[0], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "head"), [("small", "bilstm"), ("small", "average"), ("tiny", "none"), ("a.onnx", "none")]
)
def test_what_is_not_included_is_none(name: str, head: str) -> None:
    assert open_graph_model(name, head, valence=False) is None


def test_neither_torch_nor_scipy_nor_scikit_learn_is_imported() -> None:
    code = (
        "import sys, numpy as np; from seqfer.models.graph_model import open_graph_model\n"
        "model = open_graph_model('compact', 'average', valence=True)\n"
        "inputs = model.encode(np.zeros((3, 48, 48), np.uint8))[None]\n"
        "model.read(model.look(inputs, np.ones((1, 3), bool), np.arange(3)[None] / 25))\n"
        "print(sorted({'torch', 'torchvision', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
