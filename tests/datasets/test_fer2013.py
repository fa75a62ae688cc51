"""FER2013 in its two forms from drawn pictures, with everything a broken copy can have; and the real table where it lies."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from seqfer.core.emotions import EMOTIONS, class_list
from seqfer.core.errors import InputError
from seqfer.corpus.manifest import Manifest, read_manifest, write_manifest
from seqfer.datasets import fer2013

SPLITS = ["Training"] * 8 + ["PublicTest"] * 3 + ["PrivateTest"]
VOTE_HEADER = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


def faces(count: int = len(SPLITS)) -> np.ndarray:
    coarse = np.random.default_rng(7).integers(0, 256, (count, 6, 6), dtype=np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)


def table_lines(pictures: np.ndarray, splits: list[str] = SPLITS) -> list[str]:
    rows = [
        f"{i % 7},{' '.join(map(str, picture.ravel()))},{split}"
        for i, (picture, split) in enumerate(zip(pictures, splits))
    ]
    return ["emotion,pixels,Usage", *rows]


def vote_lines(splits: list[str] = SPLITS) -> list[str]:
    return [VOTE_HEADER, *(f"{split},fer{i:07d}.png,{i % 3},1,2,3,4,0,0,0,0,0" for i, split in enumerate(splits))]


def write(file: Path, lines: list[str]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")
    return file


def prepared(root: Path, out: Path, **settings: str) -> Manifest:
    return fer2013.prepare(root, out / "made" / "fer.jsonl", **settings)


def test_table_becomes_clips_that_point_into_the_stack(tmp_path: Path) -> None:
    pictures = faces()
    write(tmp_path / "in" / "fer2013.csv", table_lines(pictures))
    made = prepared(tmp_path / "in", tmp_path)
    write_manifest(made, tmp_path / "made" / "fer.jsonl")
    again = read_manifest(tmp_path / "made" / "fer.jsonl")
    assert [clip.split for clip in again.clips] == SPLITS
    assert [clip.label for clip in again.clips[:8]] == [*class_list("fer2013"), "anger"]
    assert again.clips[3].clip == "fer0000003"
    assert again.clips[3].person == "row 3"
    assert len(again.people) == len(SPLITS)
    file, index = again.path_of(again.clips[9].frames[0])
    stack = np.load(file)
    assert stack.dtype == np.uint8
    assert index == 9
    np.testing.assert_array_equal(stack, pictures)
    notes = "\n".join(again.notes)
    assert "partial copy: 12 of 35887 images" in notes
    assert "Training 8 of 28709" in notes
    assert "no FER+ votes" in notes
    assert "does not say who" in notes
    assert "duplicates: none" in notes


@pytest.mark.parametrize("name", ["fer2013.csv.gz", "packed.csv"])
def test_gzip_is_known_by_its_bytes(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress("\n".join(table_lines(faces())).encode()))
    assert len(prepared(tmp_path / name, tmp_path).clips) == len(SPLITS)


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    """icml_face_data.csv, the same challenge's other file, has another order and blanks in its header."""
    plain = prepared(write(tmp_path / "a" / "fer2013.csv", table_lines(faces())), tmp_path)
    rows = [line.split(",") for line in table_lines(faces())[1:]]
    write(tmp_path / "b" / "icml_face_data.csv", ["emotion, Usage, pixels", *(f"{e},{u},{p}" for e, p, u in rows)])
    assert prepared(tmp_path / "b", tmp_path).clips == plain.clips


def test_classes_choose_clips_but_not_rows(tmp_path: Path) -> None:
    made = prepared(write(tmp_path / "fer2013.csv", table_lines(faces())), tmp_path, classes="six")
    assert "neutral" not in made.classes
    assert len(made.clips) == 11
    assert made.clips[6].frames == ("fer.faces.npy#7",)


def test_votes_are_joined_by_row(tmp_path: Path) -> None:
    write(tmp_path / "in" / "fer2013.csv", table_lines(faces()))
    lines = vote_lines()
    lines[1 + 2] = "Training,fer0000002.png,5,1,0,0,0,0,0,2,3,0"
    lines[1 + 4] = "Training,,0,0,0,0,0,0,0,0,1,9"
    write(tmp_path / "in" / "fer2013new.csv", lines)
    made = prepared(tmp_path / "in", tmp_path)
    votes = made.clips[2].votes
    assert votes is not None
    assert dict(zip(EMOTIONS, votes)) == dict.fromkeys(EMOTIONS, 0) | {"neutral": 5, "happiness": 1, "contempt": 2}
    assert made.clips[2].attributes == {"unknown": "3"}
    assert made.clips[4].votes is None
    assert made.clips[4].attributes == {"unknown": "1", "no_face": "9"}
    assert made.clips[0].attributes == {}
    assert "11 of 12 images have a vote" in "\n".join(made.notes)


def test_copies_across_splits_are_marked(tmp_path: Path) -> None:
    pictures = faces()
    pictures[8] = pictures[1]
    pictures[5] = pictures[1]  # inside Training: no mark
    pictures[9] = pictures[2]
    pictures[9, :4, :4] ^= 3
    pictures[11] = pictures[10]  # both outside Training
    made = prepared(write(tmp_path / "fer2013.csv", table_lines(pictures)), tmp_path)
    marked = {clip.clip: dict(clip.attributes) for clip in made.clips if clip.attributes}
    assert marked == {"fer0000008": {"duplicate": "exact"}, "fer0000009": {"duplicate": "near"}}
    notes = "\n".join(made.notes)
    assert "3 exact copies (5 images in 2 groups, of which 2 carry different labels)" in notes
    assert "of 3 PublicTest images 1 have an exact copy in Training and 1 more a near one (66.7 %)" in notes


def write_folders(root: Path, names: list[str]) -> np.ndarray:
    pictures = faces(len(names))
    for name, picture in zip(names, pictures):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / name), picture)
    return pictures


def test_folders_with_the_split_in_the_file_name(tmp_path: Path) -> None:
    names = [
        "test/happy/PrivateTest_9.png",
        "test/happy/PublicTest_77.png",
        "train/3/Training_12.png",
        "train/angry/Training_3908.png",
    ]
    pictures = write_folders(tmp_path / "in", [*names, "train/angry/logo.png"])
    made = prepared(tmp_path / "in", tmp_path)
    assert [clip.clip + ".png" for clip in made.clips] == names
    assert [clip.split for clip in made.clips] == ["PrivateTest", "PublicTest", "Training", "Training"]
    assert [clip.label for clip in made.clips] == ["happiness", "happiness", "happiness", "anger"]
    np.testing.assert_array_equal(np.load(tmp_path / "made" / "fer.faces.npy"), pictures[:4])
    assert "1 odd name left out: train/angry/logo.png" in made.notes


def packed(form: str, lines: list[str]) -> bytes:
    """The table as it is distributed."""
    text, file = "\n".join(lines).encode(), io.BytesIO()
    if form == "bom":
        return b"\xef\xbb\xbf" + text
    if form == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("fer2013/fer2013.csv", text)
        return file.getvalue()
    with tarfile.open(fileobj=file, mode="w:gz" if form == "tar.gz" else "w") as tar:
        for name, content in (("fer2013/README", b"a, b"), ("fer2013/fer2013.csv", text)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return file.getvalue()


@pytest.mark.parametrize("name", ["fer2013.csv", "below/it/fer2013.tar.gz"])
@pytest.mark.parametrize("form", ["bom", "tar", "tar.gz", "zip"])
def test_tables_are_read_as_they_are_distributed(tmp_path: Path, form: str, name: str) -> None:
    plain = prepared(write(tmp_path / "plain" / "fer2013.csv", table_lines(faces())), tmp_path)
    if form == "bom" and name.endswith("gz"):
        name = "below/it/FER2013.csv"
    (tmp_path / "in" / name).parent.mkdir(parents=True)
    (tmp_path / "in" / name).write_bytes(packed(form, table_lines(faces())))
    assert prepared(tmp_path / "in", tmp_path).clips == plain.clips


def test_kaggles_two_tables_the_second_without_labels(tmp_path: Path) -> None:
    rows = [line.split(",") for line in table_lines(faces())[1:]]
    write(tmp_path / "in" / "train.csv", ["emotion,pixels", *(f"{e},{p}" for e, p, _ in rows[:8])])
    write(tmp_path / "in" / "test.csv", ["pixels", *(p for _, p, _ in rows[8:])])
    made = prepared(tmp_path / "in", tmp_path)
    assert [clip.split for clip in made.clips] == ["Training"] * 8 + ["Test"] * 4
    assert [clip.label for clip in made.clips[7:]] == ["anger", None, None, None, None]
    np.testing.assert_array_equal(np.load(tmp_path / "made" / "fer.faces.npy"), faces())
    assert len(prepared(tmp_path / "in", tmp_path, classes="fer2013").clips) == 8


def test_ferplus_folders_have_the_label_of_the_majority_and_the_votes(tmp_path: Path) -> None:
    names = ["FER2013Train/fer0000000.png", "FER2013Valid/fer0028709.png", "FER2013Test/fer0032298.png"]
    pictures = write_folders(tmp_path / "in" / "data", names)
    for name, votes in zip(names, ("2,8,0,0,0,0,0,0,0,0", "0,0,0,0,5,5,0,0,0,0", "1,0,0,0,0,0,0,0,0,9"), strict=True):
        folder, picture = name.split("/")
        write(tmp_path / "in" / "data" / folder / "label.csv", [f'{picture},"(0, 0, 48, 48)",{votes}'])
    made = prepared(tmp_path / "in", tmp_path)
    by_split = {clip.split: clip for clip in made.clips}
    assert {split: clip.label for split, clip in by_split.items()} == {
        "Training": "happiness",
        "PublicTest": None,
        "PrivateTest": None,
    }
    votes_of = dict(zip(EMOTIONS, by_split["Training"].votes or (), strict=True))
    assert votes_of == dict.fromkeys(EMOTIONS, 0) | {"neutral": 2, "happiness": 8}
    assert by_split["PrivateTest"].attributes == {"no_face": "9"}
    stack = np.load(tmp_path / "made" / "fer.faces.npy")
    index = int(by_split["Training"].frames[0].partition("#")[2])
    np.testing.assert_array_equal(stack[index], pictures[0])
    assert "2 images without a label: no emotion has the most FER+ votes" in made.notes


def test_folders_of_classes_below_folders_of_splits(tmp_path: Path) -> None:
    write_folders(tmp_path / "in", ["x/test/sad/7.png", "x/train/angry/1.png", "x/sample/2.png"])
    made = prepared(tmp_path / "in", tmp_path)
    assert [(clip.split, clip.label) for clip in made.clips] == [("Test", "sadness"), ("Training", "anger")]
    assert "1 odd name left out: x/sample/2.png" in made.notes


@pytest.mark.parametrize(
    ("line", "content", "message"),
    [
        (0, "emotion,Usage", r"fer2013.csv:1: column 'pixels' is missing"),
        (3, "7,{pixels},Training", r"fer2013.csv:4: label '7'.*0 anger"),
        (3, "happy,{pixels},Training", r"fer2013.csv:4: label 'happy'"),
        (2, "1,{pixels} 4,Training", r"fer2013.csv:3: 2305 pixels; expected 2304"),
        (2, "1,1 2 3,Training", r"fer2013.csv:3: 3 pixels"),
        (5, "1,256 {short},Training", r"fer2013.csv:6: pixel '256'; allowed: whole numbers from 0 to 255"),
        (5, "1,-1 {short},Training", r"fer2013.csv:6: pixel '-1'"),
        (5, "1,0.5 {short},Training", r"fer2013.csv:6: pixel '0.5'"),
        (5, "1,1_0 {short},Training", r"fer2013.csv:6: pixel '1_0'; allowed: whole numbers from 0 to 255"),
        (5, "1_0,{pixels},Training", r"fer2013.csv:6: label '1_0' is not a code"),
        (5, "1,,Training", r"fer2013.csv:6: no pixels; expected 2304"),
        (5, "1,\u0663 {short},Training", r"fer2013.csv: cannot be read as CSV after line 5: .* in line 6 is not ASCII"),
        (1, "1,{pixels},Validation", r"fer2013.csv:2: Usage 'Validation'.*PublicTest"),
        (12, "1,{pixels}", r"fer2013.csv:13: 2 fields, the header has 3"),
    ],
)
def test_broken_tables_are_refused_with_their_line(tmp_path: Path, line: int, content: str, message: str) -> None:
    lines = table_lines(faces())
    pixels = lines[1].split(",")[1]
    lines[line] = content.format(pixels=pixels, short=pixels.partition(" ")[2])
    with pytest.raises(InputError, match=message) as error:
        prepared(write(tmp_path / "fer2013.csv", lines), tmp_path)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.glob("made/*"))


def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path) -> None:
    whole = gzip.compress("\n".join(table_lines(faces())).encode())
    for name, data in {
        "garbage.csv.gz": b"no gzip at all",
        "magic.csv.gz": b"\x1f\x8b" + bytes(range(200)),
        "cut.csv.gz": whole[: len(whole) // 2],
        "flipped.csv.gz": whole[:200] + bytes([whole[200] ^ 0xFF, whole[201] ^ 0xFF]) + whole[202:],
        "picture.csv": bytes(range(256)) * 600,
        "empty.csv": b"",
        "header.csv": b"emotion,pixels,Usage\n",
    }.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=name) as error:
            prepared(tmp_path / name, tmp_path)
        assert "\n" not in str(error.value), name


def test_votes_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "fer2013.csv", table_lines(faces()))
    votes = tmp_path / "fer2013new.csv"
    for lines, message in (
        (vote_lines()[:-1], "11 rows of votes for 12 rows"),
        (vote_lines([*SPLITS, "PrivateTest"]), "13 rows of votes for 12 rows"),
        (
            vote_lines(["PublicTest", *SPLITS[1:]]),
            r"fer2013new.csv:2: votes for a row of PublicTest, but row 0 .* is Training",
        ),
        ([*vote_lines()[:-1], "PrivateTest,fer0000011.png,1,1,1,1,x,1,1,1,1,1"], r"fer2013new.csv:13: vote count 'x'"),
        ([VOTE_HEADER.replace(",contempt", ""), *vote_lines()[1:]], r"fer2013new.csv:1: column 'contempt' is missing"),
    ):
        write(votes, lines)
        with pytest.raises(InputError, match=message):
            prepared(tmp_path, tmp_path)


def test_the_whole_votes_file_fits_a_table_of_the_first_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqfer.datasets._fer_csv.ROWS", len(SPLITS))
    write(tmp_path / "fer2013.csv", table_lines(faces())[: 1 + 10])
    write(tmp_path / "fer2013new.csv", vote_lines())
    made = prepared(tmp_path, tmp_path)
    assert len(made.clips) == 10
    assert all(clip.votes for clip in made.clips)


def test_folders_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        prepared(tmp_path / "nowhere", tmp_path)
    write_folders(tmp_path / "odd", ["faces/happy/1.png"])
    with pytest.raises(InputError, match=r"expected fer2013\.csv"):
        prepared(tmp_path / "odd", tmp_path)
    write_folders(tmp_path / "word", ["train/bored/Training_1.png"])
    with pytest.raises(InputError, match="bored"):
        prepared(tmp_path / "word", tmp_path)
    write_folders(tmp_path / "big", ["train/happy/Training_1.png"])
    cv2.imwrite(str(tmp_path / "big/train/happy/Training_1.png"), np.zeros((50, 48), np.uint8))
    with pytest.raises(InputError, match=r"Training_1.png: 48x50 pixels"):
        prepared(tmp_path / "big", tmp_path)


@pytest.mark.data
def test_the_real_table(shared_data: Path, tmp_path: Path) -> None:
    """Counts of the challenge's page; the copies found are fewer than the 1,851 known of all three splits."""
    root = shared_data / "fer2013"
    if not (root / "fer2013.csv.gz").is_file():
        pytest.skip("no fer2013 in the research data")
    made = prepared(root, tmp_path)
    counts = Counter(clip.split for clip in made.clips)
    assert counts["Training"] == 28_709
    assert counts["PublicTest"] == 3_589
    training = Counter(clip.label for clip in made.clips if clip.split == "Training")
    assert [training[label] for label in class_list("fer2013")] == [3995, 436, 4097, 7215, 4830, 3171, 4965]
    assert sum(clip.votes is not None for clip in made.clips) > 32_000
    assert made.clips[0].votes == (3.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0, 4.0)
    copied = Counter(clip.attributes.get("duplicate") for clip in made.clips)
    assert 250 < copied["exact"] < 568
    assert 50 < copied["near"] < 300
