"""Damage to files, as disks, copies and people do it: name -> content before to content after, None for a file that is deleted."""

from __future__ import annotations

from collections.abc import Callable

Damage = Callable[[bytes], bytes | None]


def _zero_block(data: bytes) -> bytes:
    start = len(data) // 3
    return data[:start] + bytes(len(data) // 3) + data[start + len(data) // 3 :]


def _flip(share: float) -> Damage:
    def flip(data: bytes) -> bytes:
        at = min(int(len(data) * share), len(data) - 1)
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    return flip


DAMAGES: dict[str, Damage] = {
    "cut": lambda data: data[: len(data) // 2],
    "without its last byte": lambda data: data[:-1],
    "zero block": _zero_block,
    "a bit near the start": _flip(0.1),
    "a bit near the end": _flip(0.9),
    "empty": lambda data: b"",
    "deleted": lambda data: None,
}
