"""The tables of FER2013 and FER+: pixels and votes as they are, and every damage with its line."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from seqfer.core.emotions import EMOTIONS
from seqfer.core.errors import InputError
from seqfer.datasets._fer_csv import read_table, read_votes

SPLITS = ("Training", "PublicTest", "PrivateTest")
HEADER = "emotion,pixels,Usage"
VOTES = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
PIXELS = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)


def lines() -> list[str]:
    rows = [
        f"{k},{' '.join(map(str, picture.ravel()))},{split}" for k, picture, split in zip((0, 3, 6), PIXELS, SPLITS)
    ]
    return [HEADER, *rows]


def write(path: Path, rows: list[str], end: str = "\n") -> Path:
    path.write_bytes(end.join([*rows, ""]).encode())
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_pictures_codes_and_splits(tmp_path: Path, end: str) -> None:
    table = read_table(write(tmp_path / "fer2013.csv", lines(), end))
    assert np.array_equal(table.faces, PIXELS)
    assert (table.codes, table.splits) == ((0, 3, 6), SPLITS)


def test_packed_by_its_bytes_and_columns_by_their_names(tmp_path: Path) -> None:
    rows = [line.split(",") for line in lines()[1:]]
    other = ["emotion, Usage, pixels", *(f"{code}, {split}, {pixels}" for code, pixels, split in rows)]
    (tmp_path / "packed.csv").write_bytes(gzip.compress("\n".join(other).encode()))
    table = read_table(tmp_path / "packed.csv")
    assert np.array_equal(table.faces, PIXELS)
    assert table.splits == SPLITS


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            HEADER,
            "emotion,Usage",
            r":1: column 'pixels' is missing; expected a header with emotion,pixels,Usage, found emotion,Usage",
        ),
        ("\n3,", "\n7,", r":3: label '7' is not a code of FER2013; allowed: 0 anger, .*6 neutral"),
        ("\n3,", "\nx,", r":3: label 'x' is not a code"),
        ("PublicTest", "Public", r":3: Usage 'Public' is not a split; allowed: Training, PublicTest, PrivateTest"),
        ("\n3,", "\n3,5 ", r":3: 2305 pixels; expected 2304 \(48x48\)"),
        (f"\n0,{PIXELS[0, 0, 0]} ", "\n0,256 ", r":2: pixel '256'; allowed: whole numbers from 0 to 255"),
        (f"\n0,{PIXELS[0, 0, 0]} ", "\n0,1.5 ", r":2: pixel '1\.5'"),
        (",PrivateTest", "", r":4: 2 fields, the header has 3; is the file truncated\? copy it again"),
        ("PublicTest", "Püblic", "cannot be read as CSV after line"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = "\n".join(lines())
    assert old in text
    (tmp_path / "fer.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        read_table(tmp_path / "fer.csv")
    assert str(caught.value).startswith(str(tmp_path / "fer.csv"))
    assert "\n" not in str(caught.value)


def test_a_table_without_rows_and_a_packed_file_that_is_cut(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rows; expected a header emotion,pixels,Usage and one line per picture"):
        read_table(write(tmp_path / "fer.csv", [HEADER]))
    whole = gzip.compress("\n".join(lines()).encode())
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="it may be truncated, copy it again"):
        read_table(tmp_path / "cut.csv.gz")


def votes(tmp_path: Path, *rows: str):
    table = read_table(write(tmp_path / "fer2013.csv", lines()))
    return read_votes(write(tmp_path / "fer2013new.csv", [VOTES, *rows]), table, tmp_path / "fer2013.csv")


def test_votes_over_the_vocabulary(tmp_path: Path) -> None:
    first, second, third = votes(
        tmp_path,
        "Training,a.png,1,2,3,4,5,6,7,8,9,10",
        "PublicTest,,0,0,0,0,0,0,0,0,1,9",
        "PrivateTest,b.png,10,0,0,0,0,0,0,0,0,0",
    )
    named = dict(zip(EMOTIONS, first.emotions or ()))
    expected = {
        "neutral": 1,
        "happiness": 2,
        "surprise": 3,
        "sadness": 4,
        "anger": 5,
        "disgust": 6,
        "fear": 7,
        "contempt": 8,
    }
    assert named == expected
    assert (first.unknown, first.no_face) == (9, 10)
    assert (second.emotions, second.unknown, second.no_face) == (None, 1, 9)
    assert sum(third.emotions or ()) == 10


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            ["Training,a,1,0,0,0,0,0,0,0,0,0"],
            r"1 rows of votes for 3 rows of fer2013\.csv; expected as many, or all 35887",
        ),
        ([f"{s},a,1,0,0,0,0,0,0,0,0,0" for s in (*SPLITS, "Training")], "4 rows of votes for 3 rows"),
        (
            ["PublicTest,a,1,0,0,0,0,0,0,0,0,0"],
            r":2: votes for a row of PublicTest, but row 0 of fer2013\.csv is Training; keep both files in the official order",
        ),
        (["Training,a,1,0,0,-2,0,0,0,0,0,0"], r":2: vote count '-2'; allowed: whole numbers from 0"),
    ],
)
def test_votes_that_do_not_fit(tmp_path: Path, rows: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        votes(tmp_path, *rows)
