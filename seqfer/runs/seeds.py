"""Derives the seeds of a run's units from the run's seed."""

from __future__ import annotations

import zlib

import numpy as np


def unit_seed(seed: int, repeat: int, fold: int, what: str) -> int:
    """The seed of one training, reproducible and different for each: 31 bits from the run's seed, the fold and a name."""
    state = np.random.SeedSequence([seed, repeat, fold, zlib.crc32(what.encode())]).generate_state(1)
    return int(state[0]) & 0x7FFFFFFF
