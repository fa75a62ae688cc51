"""The temporal side of annotating: order, carried state, windows without seams, bounded memory."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from seqfer.core.records import TrackedFace
from seqfer.film import temporal
from seqfer.film.temporal import WINDOW, EncodedFrame, run_head
from seqfer.models.appearance_average import average_where_alike, unit_of_appearance
from seqfer.models.film_model import FilmModel
from seqfer.models.film_valence import FilmValence
from seqfer.models.sequence import SequenceModel

CLASSES = ("anger", "happiness", "sadness")
BOX = (0.0, 0.0, 10.0, 10.0)


def model(head="bilstm", seed=0):
    torch.manual_seed(seed)
    sequence = None if head == "none" else SequenceModel(4, head, len(CLASSES), projection=5).eval()
    return FilmModel("made", "tiny", torch.nn.Identity(), head, sequence, CLASSES, 1.0, {})


def shares(frames, made, gap_s=1.0):
    """(frame, probabilities of its faces), in the order of the frames."""
    return [(frame, made.read(outputs)[0]) for frame, outputs in run_head(frames, made, gap_s)]


def film(count, faces_at, dim=5, rate=30.0, shots=None, seed=0):
    """`faces_at(i)` says which faces are on frame i; inputs are random but belong to (face, frame)."""
    rows = np.random.default_rng(seed).normal(size=(count, 4, dim)).astype(np.float32)
    for i in range(count):
        faces = tuple(TrackedFace(face, BOX, 1.0) for face in faces_at(i))
        inputs = rows[i, [f.face for f in faces]] if faces else np.zeros((0, dim), np.float32)
        yield EncodedFrame(i, i / rate, shots(i) if shots else 1, faces, inputs)


@pytest.mark.parametrize("head", ["none", "lstm", "gru", "bilstm"])
def test_every_frame_once_in_order(head):
    at = lambda i: [f for f, (a, b) in {1: (0, 300), 2: (40, 90), 3: (150, 400)}.items() if a <= i < b]  # noqa: E731
    frames = film(400, at, dim=3 if head == "none" else 5)
    out = shares(frames, model(head))
    assert [frame.frame for frame, _ in out] == list(range(400))
    for frame, seen in out:
        assert seen.shape == (len(frame.faces), 3)
        assert np.allclose(seen.sum(1), 1)


def at_once(made, frames):
    """The head's outputs (frame class) of all frames of one face as one sequence."""
    inputs = torch.from_numpy(np.concatenate([frame.inputs for frame in frames]))[None]
    return made.head.head(inputs, torch.ones(inputs.shape[:2], dtype=torch.bool))[0].numpy()


@torch.no_grad()
def test_carried_state_is_the_whole_sequence_at_once():
    made = model("lstm")
    frames = list(film(70, lambda i: [1]))
    whole = at_once(made, frames)
    out = np.concatenate([seen for _, seen in shares(iter(frames), made)])
    assert np.allclose(out, made.read(whole)[0], atol=1e-6)


@torch.no_grad()
def test_a_face_shorter_than_a_window_is_seen_whole():
    made = model("bilstm")
    frames = list(film(WINDOW - 1, lambda i: [1]))
    whole = at_once(made, frames)
    out = np.concatenate([seen for _, seen in shares(iter(frames), made)])
    assert np.allclose(out, made.read(whole)[0], atol=1e-6)


@pytest.mark.parametrize("count", [WINDOW, WINDOW + 1, WINDOW + WINDOW // 2, 3 * WINDOW + 17])
@torch.no_grad()
def test_windows_leave_no_seam(count):
    """The blended windows differ from the whole film at once by next to nothing, at a window's edge no more than elsewhere."""
    made = model("bilstm")
    frames = list(film(count, lambda i: [1]))
    whole = at_once(made, frames)
    out = np.concatenate([seen for _, seen in shares(iter(frames), made)])
    assert np.abs(out - made.read(whole)[0]).max() < 0.01


@pytest.mark.parametrize("head", ["lstm", "bilstm"])
def test_a_long_gap_and_a_cut_begin_anew(head):
    made = model(head)
    there = lambda i: [1] if i < 20 or i >= 80 else []  # noqa: E731 - away for two seconds
    frames = list(film(100, there))
    out = {f.frame: seen for f, seen in shares(iter(frames), made)}
    alone = {f.frame: seen for f, seen in shares(iter(frames[80:]), made)}
    assert all(np.allclose(out[i], alone[i]) for i in range(80, 100))
    cut = list(film(60, lambda i: [1], shots=lambda i: 1 if i < 30 else 2))
    out = {f.frame: seen for f, seen in shares(iter(cut), made)}
    alone = {f.frame: seen for f, seen in shares(iter(cut[30:]), made)}
    assert all(np.allclose(out[i], alone[i]) for i in range(30, 60))


@pytest.mark.parametrize("head", ["lstm", "bilstm"])
def test_a_later_frame_changes_only_what_may_see_it(head):
    made = model(head)
    frames = list(film(50, lambda i: [1]))
    other = [*frames[:-1], EncodedFrame(49, frames[-1].time_s, 1, frames[-1].faces, frames[-1].inputs + 3)]
    first, second = (np.concatenate([s for _, s in run_head(iter(f), made, 1.0)]) for f in (frames, other))
    assert np.array_equal(first[:49], second[:49]) == (head == "lstm")


def test_memory_is_bounded_by_the_window():
    """A frame is handed out at most a window after it came in, though faces come and go and one stays for good."""
    made, taken = model("bilstm"), 0

    def counted():
        nonlocal taken
        for frame in film(1000, lambda i: [1, 2] if i % 100 < 40 else [1]):
            taken += 1
            yield frame

    behind = [taken - frame.frame for frame, _ in run_head(counted(), made, 1.0)]
    assert max(behind) <= WINDOW + 31  # the gap of a second in which face 2 might still come back


def test_frames_are_handed_out_while_the_film_runs(monkeypatch):
    monkeypatch.setattr(temporal, "WINDOW", 8)
    frames = film(40, lambda i: [1])
    stream = run_head(frames, model("bilstm"), 1.0)
    next(stream)
    assert next(frames).frame == 8  # eight were taken, not forty


@pytest.mark.parametrize("head", ["lstm", "bilstm"])
def test_a_clock_that_goes_back_holds_up_nothing(head):
    """Face 2 is gone when the film's clock is set back by a day: it is not waited for until that day is over."""
    made, taken = model(head), 0

    def set_back():
        nonlocal taken
        for frame in film(600, lambda i: [1, 2] if i < 50 else [1]):
            taken += 1
            time_s = frame.time_s - 86_400 if frame.frame >= 55 else float("nan") if frame.frame == 40 else frame.time_s
            yield EncodedFrame(frame.frame, time_s, 1, frame.faces, frame.inputs)

    behind = [taken - frame.frame for frame, _ in run_head(set_back(), made, 1.0)]
    assert len(behind) == 600
    assert max(behind) <= WINDOW + 31


def test_state_is_kept_in_a_film_of_few_frames():
    """Frames further apart than the gap a face may leave: it was there on the frame before, so it goes on."""
    made = model("lstm")
    frames = list(film(12, lambda i: [1], rate=0.4))
    as_usual = [EncodedFrame(f.frame, f.frame / 25, 1, f.faces, f.inputs) for f in frames]
    slow, usual = (np.concatenate([s for _, s in run_head(iter(f), made, 1.0)]) for f in (frames, as_usual))
    assert np.array_equal(slow, usual)


def with_valence(emotion_head, valence_head):
    """A model of three classes and of valence; each side with the head named, "none" without one."""
    torch.manual_seed(1)
    if valence_head == "none":
        valence = FilmValence("made", "none", "made", levels=torch.nn.Linear(4, 9))
    else:
        causal = valence_head != "bilstm"
        valence = FilmValence(
            "made", "none", "made", head=SequenceModel(4, valence_head, 1, projection=6), causal=causal
        )
    return replace(model(emotion_head), valence=valence)


@pytest.mark.parametrize("emotion_head", ["none", "lstm", "bilstm"])
@pytest.mark.parametrize("valence_head", ["none", "lstm", "bilstm"])
@torch.no_grad()
def test_valence_runs_beside_the_emotions_and_changes_nothing_of_them(emotion_head, valence_head):
    alone, both = model(emotion_head), with_valence(emotion_head, valence_head)
    assert both.causal == ("bilstm" not in (emotion_head, valence_head))
    assert both.temporal == ((emotion_head, valence_head) != ("none", "none"))
    assert (both.input_dim, both.output_dim) == (alone.input_dim + both.valence.input_dim, 4)
    own = film(90, lambda i: [1, 2] if i > 20 else [1], dim=alone.input_dim)
    rng = np.random.default_rng(2)
    frames = []
    for frame in own:
        rest = rng.uniform(-1, 1, (len(frame.faces), both.valence.input_dim)).astype(np.float32)
        frames.append(replace(frame, inputs=np.concatenate([frame.inputs, rest], 1)))
    before = [replace(frame, inputs=frame.inputs[:, : alone.input_dim]) for frame in frames]
    expected = shares(iter(before), alone)
    read = []
    for (frame, outputs), (_, seen) in zip(run_head(iter(frames), both, 1.0), expected, strict=True):
        probabilities, value = both.read(outputs)
        assert np.allclose(probabilities, seen, atol=1e-6)
        assert value.shape == (len(frame.faces),)
        assert np.abs(value).max() <= 1
        read.append(value)
    if valence_head == "none":
        raw = [frame.inputs[:, -1] for frame in frames]
        # as it came; where later frames may be used, the mean over the moments at which the face looks the same
        first = np.array([values[0] for values in raw])
        if emotion_head == "bilstm":
            inputs = np.stack([frame.inputs[0] for frame in frames])[None]
            looks = inputs[..., : alone.input_dim] / unit_of_appearance(both.head.projection.weight.detach().numpy())
            times_s = np.arange(90)[None] / 30
            mask = np.ones((1, 90), dtype=bool)
            first = average_where_alike(inputs[..., alone.input_dim :], looks, mask, times_s)[0, :, 0]
        else:
            assert all(np.allclose(value, values, atol=1e-6) for value, values in zip(read, raw, strict=True))
        assert np.allclose([value[0] for value in read], first, atol=1e-5)


@torch.no_grad()
def test_a_valence_head_over_a_film_sees_what_it_was_trained_on():
    both = with_valence("bilstm", "lstm")
    frames = list(film(80, lambda i: [1], dim=both.input_dim))
    inputs = torch.from_numpy(np.concatenate([frame.inputs for frame in frames])[None, :, -6:])
    whole = both.valence.head.head(inputs, torch.ones(1, 80, dtype=torch.bool))[0, :, 0].tanh().double()
    out = np.concatenate([both.read(outputs)[1] for _, outputs in run_head(iter(frames), both, 1.0)])
    assert np.allclose(out, whole, atol=1e-6)


@torch.no_grad()
def test_valence_is_averaged_over_seconds_whatever_the_frame_rate():
    made = {}
    for rate in (5, 25):
        both, times = with_valence("bilstm", "none"), np.arange(0, 12, 1 / rate)
        frames = []
        for frame in film(len(times), lambda i: [1], dim=both.input_dim, rate=rate):
            frame.inputs[:, :-1] = 0.0  # the face looks the same throughout
            frame.inputs[:, -1] = 0.03 * float(np.sin(frame.time_s))
            frames.append(frame)
        values = np.array([both.read(outputs)[1][0] for _, outputs in run_head(iter(frames), both, 1.0)])
        made[rate] = values.reshape(-1, rate).mean(1)
    assert (
        np.abs(made[5] - made[25])[1:-1].max() < 0.004
    )  # windows end elsewhere; averaged over 20 frames each, they differ by 0.02
