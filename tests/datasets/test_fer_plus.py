"""FER+'s folders: the emotion with the most votes, and lines that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.datasets._fer_plus import read_rated


def labels(root: Path, *votes: str) -> Path:
    file = root / "FER2013Valid" / "label.csv"
    file.parent.mkdir(exist_ok=True)
    for number in range(len(votes)):
        (file.parent / f"{number}.png").touch()
    file.write_text("".join(f'{number}.png,"(0, 0, 48, 48)",{words}\n' for number, words in enumerate(votes)))
    return file


def test_the_emotion_with_the_most_votes(tmp_path: Path) -> None:
    file = labels(tmp_path, "1,0,0,0,0,0,0,9,0,0", "0,3,3,0,0,0,0,0,4,0", "0,5,5,0,0,0,0,0,0,0", "0,0,0,0,0,0,0,0,0,10")
    found, notes = read_rated([file])
    assert [(picture.split, picture.label) for picture in found] == [
        ("PublicTest", "contempt"),
        ("PublicTest", None),
        ("PublicTest", None),
        ("PublicTest", None),
    ]
    assert found[1].votes.unknown == 4
    assert notes == ["3 images without a label: no emotion has the most FER+ votes"]


@pytest.mark.parametrize(
    ("votes", "words"),
    [("1,2", r"label\.csv:1: 4 fields; expected 12"), ("1_0,0,0,0,0,0,0,0,0,0", r"label\.csv:1: vote count '1_0'")],
)
def test_lines_that_do_not_fit(tmp_path: Path, votes: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_rated([labels(tmp_path, votes)])
