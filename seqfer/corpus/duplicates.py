"""Finds pictures that occur twice, exactly or nearly, and those that a test split shares with training.

A web-crawled corpus such as FER2013 contains the same picture several times, also across its splits (Goodfellow et al. 2013 removed only
some of them); a network is then tested on pictures of its training data. Exact: equal pixel bytes. Near: normalised correlation of
the pixels above `NEAR`, so that copies with another compression, brightness or contrast are found; shifted and differently
cropped copies are not.

The pairs are complete, not sampled: if two unit vectors have correlation r, the squared distance of their orthonormal projections
is at most 2 - 2r, so the lowest 8 x 8 terms of the cosine transform exclude nearly all pairs and miss none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from einops import rearrange, reduce

from seqfer.core.errors import InputError, SettingsError

NEAR = 0.99  # normalised correlation; high, because neighbouring frames or poses of a person look alike in some corpora
_TERMS = 8  # of the cosine transform, per axis
_BLOCK = 1024  # rows of the pair table in memory at a time
_SLACK = 1e-5  # float32 rounding in the pair table


@dataclass(frozen=True)
class Duplicates:
    """Groups of picture indices, each sorted, in order of their first picture.

    `exact`: pictures with equal bytes. `near`: pictures linked by a correlation above the threshold, at least two of them different in
    bytes; exact copies of a member are members too. Every group has two members or more. `images` is the number of pictures searched.
    """

    exact: tuple[np.ndarray, ...]
    near: tuple[np.ndarray, ...]
    images: int


def find_duplicates(
    images: np.ndarray, near: bool = True, *, threshold: float = NEAR, mirrored: bool = False
) -> Duplicates:
    """Search (image height width) uint8 for copies; with `mirrored`, near copies include left-right mirrored ones.

    A picture of one grey level has no correlation, so it can only be an exact copy. Raises InputError for another type or shape,
    SettingsError for a threshold outside (0, 1).
    """
    if images.dtype != np.uint8 or images.ndim != 3:
        raise InputError(
            f"pictures are {images.dtype} of shape {images.shape}; allowed: uint8 of shape (image, height, width)"
        )
    if not 0.0 < threshold < 1.0:
        raise SettingsError(f"duplicate threshold {threshold} is not a correlation between 0 and 1, such as {NEAR}")
    same: dict[bytes, list[int]] = {}
    for index, image in enumerate(images):
        same.setdefault(hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest(), []).append(index)
    exact = tuple(np.array(group) for group in same.values() if len(group) > 1)
    if not near:
        return Duplicates(exact, (), len(images))
    first = np.array([group[0] for group in same.values()], dtype=np.int64)
    copies = dict(zip(first.tolist(), same.values()))
    linked = _linked(first[pair] for pair in _near_pairs(images[first], threshold, mirrored))
    groups = [sorted(index for member in group for index in copies[member]) for group in linked]
    return Duplicates(exact, tuple(np.array(group) for group in sorted(groups)), len(images))


def crossing(groups: Sequence[np.ndarray], splits: Sequence[str | None], train: str = "Training") -> np.ndarray:
    """(image,) bool: pictures outside the split `train` that share a group with a picture of it. `splits` has one name per picture."""
    names = np.array([split or "" for split in splits])
    mask = np.zeros(len(names), dtype=bool)
    for group in groups:
        if (names[group] == train).any():
            mask[group] = names[group] != train
    return mask


def copied_from_training(duplicates: Duplicates, splits: Sequence[str | None]) -> list[str]:
    """For each image "exact" or "near" when Training has a copy of it and it is not in Training itself, else ""."""
    exact, near = crossing(duplicates.exact, splits), crossing(duplicates.near, splits)
    return ["exact" if same else "near" if alike else "" for same, alike in zip(exact, near)]


def duplicate_notes(
    duplicates: Duplicates, splits: Sequence[str | None], labels: Sequence[str | None], threshold: float
) -> list[str]:
    """The result as notes for a manifest."""
    counts = report(duplicates, splits)
    exact, near = counts["exact"], counts["near"]
    if not exact["groups"] and not near["groups"]:
        return ["duplicates: none"]
    torn = sum(len({labels[index] for index in group}) > 1 for group in duplicates.exact)
    notes = [
        f"duplicates: {exact['copies']} exact copies ({exact['images']} images in {exact['groups']} groups, of which {torn} carry "
        f"different labels); with near copies (correlation above {threshold}) {near['images']} images in {near['groups']} groups"
    ]
    for split, row in counts["crossing"].items():
        notes.append(
            f"duplicates across splits: of {row['images']} {split} images {row['exact']} have an exact copy in Training and "
            f"{row['near']} more a near one ({100 * row['share']:.1f} %); attribute duplicate"
        )
    return notes


def report(duplicates: Duplicates, splits: Sequence[str | None], train: str = "Training") -> dict[str, Any]:
    """Counts for JSON: groups, pictures in them, copies beyond each group's first, and copies across splits.

    In `crossing`, `near` counts the pictures that have a near copy in `train` but no exact one, and `share` is the fraction of both in the split.
    Raises InputError when `splits` has not one entry per picture.
    """
    if len(splits) != duplicates.images:
        raise InputError(f"{len(splits)} split names for {duplicates.images} pictures; give one per picture")
    exact, near = crossing(duplicates.exact, splits, train), crossing(duplicates.near, splits, train)
    table = {}
    for split in sorted({name for name in splits if name and name != train}):
        inside = np.array([name == split for name in splits])
        same, alike = int((exact & inside).sum()), int((near & ~exact & inside).sum())
        count = int(inside.sum())
        table[split] = {"images": count, "exact": same, "near": alike, "share": (same + alike) / count}
    return {
        "images": duplicates.images,
        "exact": _counts(duplicates.exact),
        "near": _counts(duplicates.near),
        "crossing": table,
    }


def _counts(groups: Sequence[np.ndarray]) -> dict[str, int]:
    inside = sum(len(group) for group in groups)
    return {"groups": len(groups), "images": inside, "copies": inside - len(groups)}


def _near_pairs(images: np.ndarray, threshold: float, mirrored: bool) -> Iterator[np.ndarray]:
    """Yields (2,) indices of every pair of different pictures that correlate above the threshold, the smaller index first."""
    low, kept = _low_frequencies(images)
    mirror = np.where(np.arange(low.shape[1]) % min(_TERMS, images.shape[2]) % 2, -1, 1).astype(np.float32)
    for flip in (False, True) if mirrored else (False,):
        for pairs in _candidates(low, low * mirror if flip else low, threshold):
            a, b = images[kept[pairs[:, 0]]], images[kept[pairs[:, 1]]]
            yield from kept[pairs[_correlations(a, b[:, :, ::-1] if flip else b) > threshold]]


def _low_frequencies(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest terms of the orthonormal cosine transform of the zero-mean, unit-norm pictures, (kept term), and the indices kept: uniform
    pictures cannot be normalised."""
    down, across = _cosines(images.shape[1]), _cosines(images.shape[2])
    found, kept = [], []
    for start in range(0, len(images), _BLOCK):
        unit, textured = _unit(images[start : start + _BLOCK])
        low = np.einsum("ky,nyx,lx->nkl", down, unit[textured], across, optimize=True)
        found.append(rearrange(low, "image down across -> image (down across)").astype(np.float32))
        kept.append(start + np.flatnonzero(textured))
    if not found:
        return np.zeros((0, min(_TERMS, images.shape[1]) * min(_TERMS, images.shape[2])), np.float32), np.zeros(0, int)
    return np.concatenate(found), np.concatenate(kept)


def _cosines(size: int) -> np.ndarray:
    """(term size): the first rows of the orthonormal DCT-II matrix."""
    terms, places = np.arange(min(_TERMS, size))[:, None], np.arange(size)[None] + 0.5
    rows: np.ndarray = np.sqrt(2.0 / size) * np.cos(np.pi * terms * places / size)
    rows[0] /= np.sqrt(2.0)
    return rows.astype(np.float32)


def _unit(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float32 (image height width) with zero mean and unit norm, and which pictures are not uniform."""
    centred = images - reduce(images.astype(np.float32), "image height width -> image 1 1", "mean")
    norm = np.sqrt(reduce(centred**2, "image height width -> image 1 1", "sum"))
    textured = images.max(axis=(1, 2)) > images.min(axis=(1, 2))
    return centred / np.where(norm > 0, norm, 1), textured


def _candidates(left: np.ndarray, right: np.ndarray, threshold: float) -> Iterator[np.ndarray]:
    """Blocks of (pair 2) row indices, first < second, whose projections are close enough for a correlation above the threshold."""
    ones = np.ones((len(left), 1), dtype=np.float32)
    half = reduce(left**2, "image term -> image 1", "sum") / 2  # the same on both sides: mirroring only changes signs
    a, b = np.hstack([left, -half, ones]), np.hstack([right, ones, -half])  # a @ b.T = -(squared distance) / 2
    for start in range(0, len(a), _BLOCK):
        near = a[start : start + _BLOCK] @ b[start:].T >= threshold - 1 - _SLACK
        rows, columns = np.divmod(np.flatnonzero(near), near.shape[1])
        upper = columns > rows
        for first in range(0, int(upper.sum()), _BLOCK):
            part = slice(first, first + _BLOCK)
            yield start + np.stack([rows[upper][part], columns[upper][part]], axis=1)


def _correlations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Normalised correlation of pictures pair by pair, (pair,)."""
    return reduce(_unit(a)[0] * _unit(b)[0], "pair height width -> pair", "sum")


def _linked(pairs: Iterator[np.ndarray]) -> list[list[int]]:
    """Connected components of a list of pairs."""
    parent: dict[int, int] = {}

    def top(index: int) -> int:
        while parent.setdefault(index, index) != index:
            parent[index] = parent[parent[index]]  # path compression
            index = parent[index]
        return index

    for one, other in pairs:
        a, b = top(int(one)), top(int(other))
        parent[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = {}
    for index in parent:
        groups.setdefault(top(index), []).append(index)
    return list(groups.values())
