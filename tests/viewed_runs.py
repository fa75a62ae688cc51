"""An annotated video with frames at uneven times, for the tests of the viewer."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from drawn_film import HEIGHT, LOOKS, WIDTH, looks

import seqfer

STEPS_MS = (40, 33, 67, 40, 20, 100, 50)  # between frames, in turn
FRAMES = 90


def write_uneven_video(path: Path) -> Path:
    """The drawn person, who moves from side to side, with frames at uneven times; H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        at = 0
        for number in range(FRAMES):
            drawn = looks()[min(LOOKS - 1, number * LOOKS // FRAMES)]
            picture = np.roll(drawn, round(30 * np.sin(number / 9)), axis=1)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            container.mux(stream.encode(frame))
            at += STEPS_MS[number % len(STEPS_MS)]
        container.mux(stream.encode(None))
    return path


def write_viewed_run(folder: Path) -> Path:
    """The folder of a run beside its video `uneven.mp4`."""
    video = write_uneven_video(folder / "uneven.mp4")
    seqfer.annotate(video, out=folder / "run", valence=True, detector="haar", progress=False)
    return folder / "run"
