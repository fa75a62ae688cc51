"""Writes tests/golden/cluster_permutation.json: what MNE-Python finds in drawn series of two groups.

    python tools/make_cluster_goldens.py

MNE is not a requirement of seqfer: run it in an environment of its own (pip install mne). Welch's t is SciPy's, the clusters, their masses and the
largest masses of drawn divisions are those of `mne.stats.permutation_cluster_test`, so the p-values have an error of sampling. The test is run for
each side, and the larger of the two largest masses is the reference: with `tail=0` MNE 1.13 takes the largest signed mass, which leaves out the
negative ones of most divisions (p-values come out at about half), and so it is with `tail=-1`; hence the sign is turned instead.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import mne
import numpy as np
import scipy
from scipy.stats import t, ttest_ind

OUT = Path(__file__).resolve().parent.parent / "tests" / "golden" / "cluster_permutation.json"
DRAWN = 5000
CASES = ((6, 6, 60, 1.6), (5, 8, 90, 1.0), (12, 11, 120, 0.9))  # people of both groups, moments, size of the difference


def main() -> None:
    found = {"mne": mne.__version__, "scipy": scipy.__version__, "drawn": DRAWN, "cases": []}
    for seed, (first, second, moments, size) in enumerate(CASES):
        found["cases"].append(case(seed, first, second, moments, size))
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def case(seed: int, first: int, second: int, moments: int, size: float) -> dict[str, object]:
    """One pair of groups: smoothed noise, of which the first is higher in the middle third and the second at the end."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(first + second, moments + 4))
    series = np.round(sum(noise[:, k : k + moments] for k in range(5)) / math.sqrt(5), 3)
    series[:first, moments // 3 : moments // 2] += size
    series[first:, -6:] += size / 2
    threshold = float(t.ppf(0.975, first + second - 2))
    groups = [series[:first], series[first:]]
    rows, largest = [], []
    for sign in (1, -1):  # the same divisions for both
        values, clusters, _, masses = mne.stats.permutation_cluster_test(
            groups,
            threshold=threshold,
            n_permutations=DRAWN,
            tail=1,
            stat_fun=lambda *both, sign=sign: sign * welch(*both),
            rng=np.random.default_rng(seed),
            out_type="indices",
            verbose="error",
        )
        spans = [one[0] for one in clusters]
        rows += [(int(span[0]), int(span[-1]), sign * float(values[span].sum())) for span in spans]
        largest.append(masses)
    both = np.max(largest, axis=0)
    rows = [(*row, float(np.mean(both >= abs(row[2]) - 1e-9))) for row in sorted(rows)]
    return {
        "first": groups[0].tolist(),
        "second": groups[1].tolist(),
        "t": welch(*groups).tolist(),
        "threshold": threshold,
        "clusters": rows,
    }


def welch(*groups: np.ndarray) -> np.ndarray:
    """Welch's t at every moment."""
    return np.asarray(ttest_ind(*groups, axis=0, equal_var=False).statistic)


if __name__ == "__main__":
    main()
