"""Seeds of units: fixed for ever, different for every unit."""

from itertools import product

import numpy as np

from seqfer.runs.seeds import unit_seed


def test_the_seed_of_a_unit_is_fixed():
    """Values of SeedSequence([seed, repeat, fold, CRC-32 of the name]); another value would change every published table."""
    crc_lstm = 0x7E53E0B9
    assert unit_seed(0, 0, 0, "lstm") == int(np.random.SeedSequence([0, 0, 0, crc_lstm]).generate_state(1)[0]) % 2**31
    assert (unit_seed(0, 0, 0, "encoder"), unit_seed(7, 1, 3, "bilstm")) == (1425582013, 1924183611)


def test_every_unit_has_a_seed_of_its_own_of_31_bits():
    units = list(product(range(3), range(3), range(10), ("encoder", "lstm", "bilstm")))
    seeds = [unit_seed(*unit) for unit in units]
    assert len(set(seeds)) == len(units)
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert max(seeds) > 2**30
