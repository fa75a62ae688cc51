"""The cache: made once per key, made anew when anything in the key changes, and when the file is damaged."""

import logging

import numpy as np
import pytest

from seqfer.runs import cache
from seqfer.runs.cache import cached_array, is_whole, kept_array, open_array, save_array


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


def cut(data):
    return data[: len(data) // 2]


def zeroed(data):
    return data[: len(data) // 2] + bytes(len(data) - len(data) // 2)


def flipped_at(share):
    def flip(data):
        at = min(int(len(data) * share), len(data) - 1)
        return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]

    return flip


DAMAGE = {
    "empty": lambda data: b"",
    "one byte": lambda data: data[:1],
    "half": cut,
    "without its end": lambda data: data[:-1],
    "longer": lambda data: data + b"\0",
    "half zero": zeroed,
    "all zero": lambda data: bytes(len(data)),
    "twice": lambda data: data * 2,
    "without checksums": lambda data: data[: -2 * cache.SUM_BYTES],
    **{f"a bit at {share}": flipped_at(share) for share in (0.0, 0.01, 0.3, 0.5, 0.9, 0.99, 1.0)},
}


@pytest.mark.parametrize("blocks", [1, 3])
@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_array_is_computed_again_and_said(tmp_path, monkeypatch, caplog, how, blocks):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path))
    array = np.arange(cache.BLOCK_BYTES * (blocks - 1) // 8 + 300, dtype=np.float64)
    made = []

    def make():
        made.append(1)
        return array

    file = cached_array("features", {"k": 1}, make)
    file.write_bytes(DAMAGE[how](file.read_bytes()))
    with caplog.at_level(logging.WARNING, "seqfer"):
        again = cached_array("features", {"k": 1}, make)
    assert again == file
    assert np.array_equal(open_array(again), array)
    assert len(made) == 2
    assert [record.message for record in caplog.records] == [f"{file}: damaged, or not of this run; computed again"]
    cached_array("features", {"k": 1}, make)
    assert len(made) == 2


def test_another_array_under_the_same_name_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQFER_CACHE", str(tmp_path))
    first = cached_array("features", {"k": 1}, lambda: np.zeros(9))
    second = cached_array("features", {"k": 2}, lambda: np.ones(9))
    first.write_bytes(second.read_bytes())
    assert np.array_equal(open_array(cached_array("features", {"k": 1}, lambda: np.zeros(9))), np.zeros(9))


@pytest.mark.parametrize("size", [0, 1, 2**22 - 128, 2**22 - 127, 2**22, 2**23 + 5])
def test_every_size_is_whole_and_read_by_numpy(tmp_path, size):
    """Also where the last block is exactly full: a header of 128 bytes comes first."""
    array = np.arange(size, dtype=np.uint8)
    save_array(tmp_path / "a.npy", array)
    assert is_whole(tmp_path / "a.npy")
    assert np.array_equal(np.load(tmp_path / "a.npy"), array)


def test_an_array_of_a_run_belongs_to_it(tmp_path):
    file = tmp_path / "shares" / "clean.npy"
    (tmp_path / "settings.json").write_text('{"seed": 0}')
    assert kept_array(file, lambda: np.zeros(3)).tolist() == [0, 0, 0]
    assert kept_array(file, lambda: np.ones(3)).tolist() == [0, 0, 0]
    (tmp_path / "settings.json").write_text('{"seed": 1}')
    assert kept_array(file, lambda: np.ones(3)).tolist() == [1, 1, 1]
