"""People's own folders: pictures, videos, order, boxes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from drawn_film import looks
from mock_video import LEVELS, write_video

from seqfer import video
from seqfer.core.errors import InputError
from seqfer.corpus.faces import load_clip_faces
from seqfer.corpus.manifest import Manifest
from seqfer.datasets import folder


def add_pictures(root: Path, clip: str, names: tuple[str, ...] = ("f1.png", "f2.png", "f10.png")) -> None:
    (root / clip).mkdir(parents=True)
    for index, name in enumerate(names):
        cv2.imwrite(str(root / clip / name), np.full((40, 40), 10 * (index + 1), np.uint8))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    root = tmp_path / "mine"
    add_pictures(root, "happy/ann/clip1")
    add_pictures(root, "anger/bob/clip1", ("a.jpg", "b.jpg"))
    write_video(root / "anger" / "bob" / "clip2.mp4")
    return root


def prepared(root: Path, **settings: str) -> Manifest:
    return folder.prepare(root, root.parent / "mine.jsonl", **settings)


def test_pictures_and_videos_become_clips(copy: Path) -> None:
    made = prepared(copy)
    found = {clip.clip: (clip.person, clip.label, len(clip.frames)) for clip in made.clips}
    assert found == {
        "anger/bob/clip1": ("bob", "anger", 2),
        "anger/bob/clip2.mp4": ("bob", "anger", 5),
        "happy/ann/clip1": ("ann", "happiness", 3),
    }
    by_name = {clip.clip: clip for clip in made.clips}
    assert by_name["anger/bob/clip2.mp4"].frames[3] == "mine/anger/bob/clip2.mp4#3"
    assert load_clip_faces(made, by_name["happy/ann/clip1"], 8)[:, 0, 0].tolist() == [10, 20, 30]  # f2 before f10
    levels = load_clip_faces(made, by_name["anger/bob/clip2.mp4"], 48)[:, :, 30:].mean((1, 2))
    assert levels == pytest.approx(LEVELS, abs=14)
    assert any(note.startswith("the whole picture is taken as the face in 3 of 3 clips") for note in made.notes)


@pytest.mark.parametrize("name", ["00000.MTS", "a.3gp", "b.GIF", "c.flv", "d.ogv"])
def test_videos_of_cameras_and_phones_are_clips(copy: Path, name: str) -> None:
    write_video(copy / "c.mp4").rename(copy / "anger" / "bob" / name)  # a file opens by its content
    assert f"anger/bob/{name}" in {clip.clip for clip in prepared(copy).clips}
    assert not [note for note in prepared(copy).notes if "odd name" in note]


def test_a_class_list_chooses(copy: Path) -> None:
    add_pictures(copy, "neutral/ann/clip1")
    assert "neutral" in prepared(copy).classes
    assert "neutral" not in prepared(copy, classes="six").classes
    add_pictures(copy.parent / "other", "neutral/ann/clip1")
    with pytest.raises(InputError, match="with a clip of the classes"):
        prepared(copy.parent / "other", classes="six")


def test_one_box_per_clip_where_the_face_is_a_part_of_the_picture(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "haar_box", lambda picture: (5.0, 5.0, 25.0, 25.0))
    made = prepared(copy)
    assert {clip.boxes_xyxy_px for clip in made.clips} == {((5.0, 5.0, 25.0, 25.0),) * n for n in (2, 3, 5)}
    assert made.notes == ()
    monkeypatch.setattr(folder, "haar_box", lambda picture: (1.0, 1.0, 39.0, 39.0))  # the picture is the face already
    assert next(clip for clip in prepared(copy).clips if clip.person == "ann").boxes_xyxy_px is None


def test_odd_things_are_counted_and_left_out(copy: Path) -> None:
    (copy / "notes.txt").write_text("words")
    (copy / "happy" / "consent.pdf").write_bytes(b"x")
    (copy / "happy" / "ann" / "loose.doc").write_bytes(b"x")
    (copy / "happy" / "ann" / "clip1" / "faces.db").write_bytes(b"x")
    (copy / "happy" / "ann" / "clip1" / "Thumbs.db").write_bytes(b"x")  # litter, which is not counted
    (copy / "happy" / "ann" / "empty").mkdir()
    (copy / "happy" / ".hidden").mkdir()
    made = prepared(copy)
    assert len(made.clips) == 3
    assert any(note.startswith("5 odd names left out: notes.txt, ") for note in made.notes)


def test_an_unknown_label_names_the_folder(copy: Path) -> None:
    add_pictures(copy, "bored/ann/clip1")
    with pytest.raises(
        InputError, match=r"bored: 'bored' is not in the vocabulary .*expected label/person/clip"
    ) as error:
        prepared(copy)
    assert "\n" not in str(error.value)


def test_broken_pictures_and_videos_are_named(copy: Path) -> None:
    picture = copy / "happy" / "ann" / "clip1" / "f2.png"
    whole = picture.read_bytes()
    picture.write_bytes(whole[:-12])
    with pytest.raises(InputError, match=r"f2\.png: truncated"):
        prepared(copy)
    picture.write_bytes(whole)
    (copy / "anger" / "bob" / "clip2.mp4").write_bytes(b"no film at all" * 50)
    with pytest.raises(InputError, match=r"clip2\.mp4: not a video"):
        prepared(copy)


def test_fewer_frames_than_the_header_says_are_noted(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "probe", lambda path: video.VideoInfo(64, 48, 9, 0.3, 30.0))
    assert "fewer frames than the header says in 1 videos: anger/bob/clip2.mp4" in prepared(copy).notes


def test_another_layout_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        prepared(tmp_path / "nowhere")
    (tmp_path / "other" / "anger").mkdir(parents=True)
    (tmp_path / "other" / "anger" / "me.txt").write_text("no picture")
    with pytest.raises(InputError, match=r"expected label/person/clip.*; found anger/") as error:
        prepared(tmp_path / "other")
    assert "\n" not in str(error.value)


def add_still(root: Path, name: str, level: int) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(root / name), np.full((40, 40), level, np.uint8))


def test_stills_with_and_without_people(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    for level, name in enumerate(("happy/ann/1.png", "happy/ann/2.png", "sad/bob/1.png", "sad/x.jpg", "sad/y.jpg")):
        add_still(root, name, 40 * level)
    made = prepared(root)
    assert {clip.clip: (clip.person, clip.label, clip.split) for clip in made.clips} == {
        "happy/ann/1.png": ("ann", "happiness", None),
        "happy/ann/2.png": ("ann", "happiness", None),
        "sad/bob/1.png": ("bob", "sadness", None),
        "sad/x.jpg": ("sad/x.jpg", "sadness", None),
        "sad/y.jpg": ("sad/y.jpg", "sadness", None),
    }
    assert any(note.startswith("no folder names the person in 2 of 5 clips") for note in made.notes)
    by_name = {clip.clip: clip for clip in made.clips}
    assert load_clip_faces(made, by_name["happy/ann/2.png"], 8).shape == (1, 8, 8)
    assert load_clip_faces(made, by_name["sad/bob/1.png"], 8).mean() == 80


def test_splits_above_the_labels(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    for level, name in enumerate(
        ("train/happy/ann/1.png", "train/sad/bob/1.png", "Val/sad/cas/1.png", "test/happy/ann/1.png")
    ):
        add_still(root, name, 40 * level)
    (root / "readme.txt").write_text("words")
    made = prepared(root)
    assert {clip.clip: clip.split for clip in made.clips} == {
        "train/happy/ann/1.png": "Training",
        "train/sad/bob/1.png": "Training",
        "Val/sad/cas/1.png": "Validation",
        "test/happy/ann/1.png": "Test",
    }
    assert "1 person is in more than one split: ann" in made.notes
    assert any(note.startswith("1 odd name left out: readme.txt") for note in made.notes)


def test_folders_that_fit_no_layout(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    add_still(root, "train/happy/ann/1.png", 9)
    add_still(root, "train/bored/ann/1.png", 9)
    with pytest.raises(InputError, match=r"bored: 'bored' is not in the vocabulary.*train holds bored/, happy/"):
        prepared(root)
    (root / "train" / "bored").rename(root / "others")
    with pytest.raises(InputError, match=r"others: beside folders of splits, but not the name of a split \(train, "):
        prepared(root)
    add_still(tmp_path / "people_first", "ann/happy/1.png", 9)
    with pytest.raises(InputError, match=r"ann: 'ann' is not in the vocabulary"):
        prepared(tmp_path / "people_first")


def test_what_counts_as_a_person_is_said(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    for level, name in enumerate(("happy/clip1/1.png", "happy/clip1/2.png", "happy/clip2/1.png")):
        add_still(root, name, 40 * level)
    assert "3 pictures are stills of 2 people, by their folders: clip1, clip2" in prepared(root).notes


def test_a_video_stored_upside_down_is_noted(tmp_path: Path) -> None:
    for name, step in (("upright", 1), ("over", -1)):
        path = tmp_path / "own" / "happiness" / name / "clip.mp4"
        path.parent.mkdir(parents=True)
        pictures = [np.ascontiguousarray(looks()[0][::step, ::step])] * 3
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.height, stream.width, stream.pix_fmt = *pictures[0].shape[:2], "yuv420p"
            for picture in pictures:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
    notes = [note for note in folder.prepare(tmp_path / "own", tmp_path / "own.jsonl").notes if "turned" in note]
    assert len(notes) == 1
    assert "in 1 of the videos" in notes[0]
    assert "over/clip.mp4" in notes[0]
