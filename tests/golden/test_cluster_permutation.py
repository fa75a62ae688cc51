"""Clusters, masses and p-values are those of MNE-Python (cluster_permutation.json, written by tools/make_cluster_goldens.py)."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from seqfer.metrics.cluster_permutation import cluster_permutation_test

GOLDEN = json.loads(Path(__file__).with_name("cluster_permutation.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: f"{len(case['first'])}x{len(case['second'])}")
@pytest.mark.parametrize("permutations", [100_000, 4000], ids=["most", "drawn"])
def test_the_clusters_of_mne(case, permutations):
    found = cluster_permutation_test(case["first"], case["second"], permutations=permutations)
    assert found.threshold == pytest.approx(case["threshold"], abs=1e-12)
    np.testing.assert_allclose(found.t, case["t"], rtol=1e-9)
    assert [(c.first, c.last) for c in found.clusters] == [(first, last) for first, last, _, _ in case["clusters"]]
    for mine, (_, _, mass, p) in zip(found.clusters, case["clusters"], strict=True):
        assert mine.mass == pytest.approx(mass, rel=1e-9)
        # five standard errors of two sampled p-values; where all divisions are used only MNE's is sampled
        error = math.sqrt(p * (1 - p) * (1 / GOLDEN["drawn"] + 1 / found.permutations)) + 1 / GOLDEN["drawn"]
        assert mine.p == pytest.approx(p, abs=5 * error)
