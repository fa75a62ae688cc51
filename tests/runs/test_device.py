"""Devices by name, the precision for them, and what the allocator does after tuning."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest
import torch

from seqfer.core.errors import SettingsError
from seqfer.runs.device import available_devices, device_key, pick_device, uses_bf16


@pytest.mark.parametrize("name", ["cuda:77", "toaster", ""])
def test_a_device_that_is_unavailable_is_one_line(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"device '{name}' is unavailable \(.+\); use auto or cpu") as caught:
        pick_device(name)
    assert "\n" not in str(caught.value)


def test_auto_is_cuda_where_it_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pick_device("cpu") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device("auto") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    assert pick_device("auto") == torch.device("cuda:0")
    monkeypatch.setenv("LOCAL_RANK", "3")  # the fourth process of torchrun
    assert pick_device("auto") == torch.device("cuda:3")


def test_what_is_available_is_listed_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with two CUDA devices, then one with Metal; neither is needed for the test."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert available_devices() == ("auto", "cpu", "cuda:0", "cuda:1")
    assert pick_device("cuda:1") == torch.device("cuda:1")
    assert pick_device("cuda") == torch.device("cuda")
    with pytest.raises(
        SettingsError, match=r"finds 2 CUDA devices, counted from 0\); use auto, cpu, cuda:0 or cuda:1$"
    ):
        pick_device("cuda:2")
    with pytest.raises(SettingsError, match="finds no Metal device"):
        pick_device("mps")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick_device("mps") == torch.device("mps")
    assert not uses_bf16("auto", torch.device("mps"))
    with pytest.raises(SettingsError, match=r"finds no CUDA device\); use auto, cpu or mps$"):
        pick_device("cuda")


@pytest.mark.parametrize("name", ["cpu:0", "cuda:x", "cuda:", "mps:1", "meta", "xpu"])
def test_other_words_are_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(SettingsError, match="known are auto, cpu, cuda, cuda:N and mps"):
        pick_device(name)


def test_the_key_of_a_cached_array_names_a_device_that_rounds_differently() -> None:
    assert device_key(torch.device("cpu")) == {}
    assert device_key(torch.device("cuda:1")) == {"device": "cuda"}


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_precision_asked_for_counts_and_auto_asks_the_processor(monkeypatch, device: str) -> None:
    for answer in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda answer=answer: answer and device == "cuda")
        monkeypatch.setattr(
            torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda answer=answer: answer and device == "cpu"
        )
        assert uses_bf16("auto", torch.device(device)) is answer
        assert uses_bf16("bf16", torch.device(device))
        assert not uses_bf16("fp32", torch.device(device))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="not glibc")
def test_after_tuning_large_blocks_come_from_the_heap() -> None:
    """glibc maps a block of 64 MB of its own, which it returns to the kernel when freed; after tuning it maps none."""
    code = """
import ctypes
from seqfer.runs.process_tuning import tune_allocator
libc = ctypes.CDLL("libc.so.6")
class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]
libc.mallinfo.restype, libc.malloc.restype = Info, ctypes.c_void_p
def mapped():
    before = libc.mallinfo().hblks
    libc.malloc(ctypes.c_size_t(2**26))
    return libc.mallinfo().hblks - before
print(mapped(), end=" ")
tune_allocator()
print(mapped())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1 0\n", "")
