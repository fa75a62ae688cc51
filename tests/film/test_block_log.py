"""The log of finished blocks: whole blocks come back, others are computed again, another key is refused."""

import os
import subprocess
import sys

import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.film.block_log import BlockLog

KEY = {"fps": None, "size": (48, 48), "film_checksum": "abc"}


def block(seed):
    rng = np.random.default_rng(seed)
    return {
        "boxes_xyxy_px": rng.random((5, 4), dtype=np.float32),
        "frame": np.arange(5),
        "crops": rng.integers(0, 255, (2, 48, 48), dtype=np.uint8),
        "cut": np.array([True, False]),
        "none": np.zeros((0, 4), np.float32),
        "time_s": np.array(1.5),
        "turned": rng.random((3, 4)).T[::2],
    }


def equal(a, b):
    return a is not None and a.keys() == b.keys() and all(
        a[k].dtype == b[k].dtype and a[k].shape == b[k].shape and (a[k] == b[k]).all() for k in a
    )  # fmt: skip


def test_blocks_come_back(tmp_path):
    log = BlockLog(tmp_path / ".work", KEY)
    assert log.get(0) is None
    log.put(0, block(0))
    log.put(12, block(12))
    assert (tmp_path / ".work" / "block-000012.safetensors").is_file()
    again = BlockLog(tmp_path / ".work", KEY)
    assert equal(again.get(0), block(0))
    assert equal(again.get(12), block(12))
    assert again.get(1) is None
    log.put(0, block(5))
    assert equal(log.get(0), block(5))


def test_a_cut_off_block_is_computed_again(tmp_path):
    log = BlockLog(tmp_path / ".work", KEY)
    log.put(0, block(0))
    file = tmp_path / ".work" / "block-000000.safetensors"
    whole = file.read_bytes()
    for length in (0, 1, 8, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert log.get(0) is None
    log.put(0, block(0))
    assert equal(log.get(0), block(0))


def test_a_flipped_bit_or_another_blocks_file_is_not_that_block(tmp_path):
    log = BlockLog(tmp_path / ".work", KEY)
    log.put(0, block(0))
    file = tmp_path / ".work" / "block-000000.safetensors"
    whole = file.read_bytes()
    for place in range(0, len(whole), 97):
        damaged = bytearray(whole)
        damaged[place] ^= 4
        file.write_bytes(damaged)
        assert not (back := log.get(0)) or equal(back, block(0))  # padding of the header may change
    file.write_bytes(whole)
    file.rename(tmp_path / ".work" / "block-000001.safetensors")
    assert log.get(1) is None


def test_a_killed_run_goes_on(tmp_path):
    code = (
        "import sys, os, signal, pathlib, numpy as np\n"
        "from seqfer.film.block_log import BlockLog\n"
        "log = BlockLog(pathlib.Path(sys.argv[1]), {'fps': 5})\n"
        "log.put(0, {'x': np.arange(3)})\n"
        "file = log.path / 'block-000001.safetensors'\n"
        "log.put(1, {'x': np.arange(1000)})\n"
        "file.write_bytes(file.read_bytes()[:500])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / ".work")], check=False)
    log = BlockLog(tmp_path / ".work", {"fps": 5})
    assert log.get(0)["x"].tolist() == [0, 1, 2]
    assert log.get(1) is None


def test_another_key_is_refused(tmp_path):
    BlockLog(tmp_path / ".work", KEY)
    for key, said in [
        ({**KEY, "fps": 5}, "fps = None, now 5"),
        ({**KEY, "film_checksum": "x"}, "film_checksum = 'abc'"),
    ]:
        with pytest.raises(InputError, match=f"started with other settings: {said}") as caught:
            BlockLog(tmp_path / ".work", key)
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="fps"):  # the setting explains the checksum
        BlockLog(tmp_path / ".work", {**KEY, "fps": 5, "film_checksum": "x", "a_checksum": 1})


def test_another_version_is_refused(tmp_path, monkeypatch):
    BlockLog(tmp_path / ".work", KEY)
    monkeypatch.setattr("seqfer.film.block_log.__version__", "99.1")
    with pytest.raises(InputError, match=r"seqfer = .*, now '99\.1'"):
        BlockLog(tmp_path / ".work", KEY)


def test_blocks_without_a_key_are_nobodys(tmp_path):
    log = BlockLog(tmp_path / ".work", KEY)
    log.put(0, block(0))
    for damaged in ("", "{", "[]"):
        (tmp_path / ".work" / "key.json").write_text(damaged)
        assert BlockLog(tmp_path / ".work", KEY).get(0) is None


def test_discard_leaves_what_is_not_its_own(tmp_path):
    log = BlockLog(tmp_path / ".work", KEY)
    log.put(0, block(0))
    log.discard()
    assert not (tmp_path / ".work").exists()
    log = BlockLog(tmp_path / ".work", KEY)
    (tmp_path / ".work" / "thesis.txt").write_text("years of work")
    log.discard()
    assert [file.name for file in (tmp_path / ".work").iterdir()] == ["thesis.txt"]


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be"):
        BlockLog(tmp_path / "file" / ".work", KEY)


def test_blocks_are_not_flushed_to_the_disk_one_by_one(tmp_path, monkeypatch):
    log = BlockLog(tmp_path / ".work", KEY)
    monkeypatch.setattr(os, "fsync", lambda handle: pytest.fail("flushed"))
    log.put(0, block(0))
    assert equal(log.get(0), block(0))
