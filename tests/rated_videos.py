"""Small videos to rate, made on the spot: VP8 in WebM, which every build of Chromium plays."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_rated_video(path: Path, seconds: float = 4.0, rate: int = 25, codec: str = "libvpx") -> Path:
    """A grey picture that gets lighter, `seconds` long."""
    frames = round(seconds * rate)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            codec, rate=rate, options={"deadline": "realtime", "cpu-used": "8"} if "vpx" in codec else {}
        )
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.time_base = Fraction(1, rate)
        for index in range(frames):
            picture = np.full((120, 160, 3), 30 + 200 * index // frames, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return path
