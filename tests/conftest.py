"""What every test shares: the folder of research data, one thread, random state put back, and quiet, repeatable
hypothesis."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy or torch start their threads

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("seqfer", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("seqfer")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of research data: ../shared/data beside the checkout, or SEQFER_SHARED_DATA. Skips without it."""
    folder = Path(os.environ.get("SEQFER_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"needs the research data in {folder}; set SEQFER_SHARED_DATA to where it lies")
    return folder


@pytest.fixture(scope="module")
def module_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache that only the tests of one file share."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("SEQFER_CACHE", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def _same_random_state() -> Iterator[None]:
    """Leave random, NumPy and torch as they were found; torch is touched only where it has been imported already."""
    python_state, numpy_state = random.getstate(), np.random.get_state()
    torch = sys.modules.get("torch")
    torch_state = None
    if torch is not None:
        torch.set_num_threads(1)
        torch_state = torch.get_rng_state()
    yield
    random.setstate(python_state)
    np.random.set_state(numpy_state)
    if torch is not None:
        torch.set_rng_state(torch_state)
