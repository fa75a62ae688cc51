"""The cache: made once per key, made anew when anything in the key changes."""

import numpy as np

from seqfer.runs.cache import cached_array, open_array


def test_made_once_per_key(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path))
    made = []

    def make(value):
        made.append(value)
        return np.full(3, value)

    assert open_array(cached_array("kind", {"k": 1}, lambda: make(1))).tolist() == [1, 1, 1]
    assert open_array(cached_array("kind", {"k": 1}, lambda: make(2))).tolist() == [1, 1, 1]
    assert open_array(cached_array("kind", {"k": 2}, lambda: make(2))).tolist() == [2, 2, 2]
    assert open_array(cached_array("other", {"k": 1}, lambda: make(3))).tolist() == [3, 3, 3]
    assert made == [1, 2, 3]
