"""Generated films of every kind that readers get wrong. Each frame carries its number: eight blocks, white for 1, lowest bit first."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from seqfer.video import open_source
from seqfer.video.writing import H264Writer

os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 introduces itself otherwise

WIDTH, HEIGHT, BLOCK_PX = 128, 64, 16
NTSC = Fraction(30000, 1001)
CLOCK = Fraction(1, 90000)


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """uint8 (height width 3): the number in the first 128x16 pixels; below it red on the left, and a grey that moves."""
    rgb = np.full((height, width, 3), (number * 7) % 200, np.uint8)
    for bit in range(8):
        rgb[:BLOCK_PX, bit * BLOCK_PX : (bit + 1) * BLOCK_PX] = 255 * (number >> bit & 1)
    rgb[BLOCK_PX:, :BLOCK_PX] = (255, 0, 0)
    return rgb


def number_in(grey: np.ndarray) -> int:
    """The number a frame carries."""
    middles = [grey[4:12, bit * BLOCK_PX + 4 : (bit + 1) * BLOCK_PX - 4].mean() for bit in range(8)]
    return sum(int(level > 128) << bit for bit, level in enumerate(middles))


def write_film(
    path: Path,
    ticks: Iterable[int] = range(20),
    rate: Fraction = NTSC,
    codec: str = "libx264",
    size: tuple[int, int] = (WIDTH, HEIGHT),
    first_number: int = 0,
    sound: str | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    pix_fmt: str = "yuv420p",
    pixel_aspect: Fraction | None = None,
) -> Path:
    """A film whose frame k is shown at `ticks[k]` / `rate` seconds; `sound` is the codec of a tone as long as the film."""
    shown = list(ticks)
    with av.open(str(path), "w", container_options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.time_base = 1 / rate
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        tone = container.add_stream(sound, rate=16000, layout="mono") if sound else None
        for number, tick in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(picture(first_number + number, *size), format="rgb24")
            frame.pts, frame.time_base = tick, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if tone is not None:
            write_tone(container, tone, float((shown[-1] + 1) / rate))
    return path


def write_tone(container: av.container.OutputContainer, stream: av.AudioStream, length_s: float) -> None:
    """440 Hz at 16000 samples a second."""
    wave = (8000 * np.sin(2 * np.pi * 440 * np.arange(int(16000 * length_s)) / 16000)).astype(np.int16)
    resampler = av.AudioResampler(
        format=stream.format.name, layout="mono", rate=16000, frame_size=stream.frame_size or 1024
    )
    frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 16000, 0, Fraction(1, 16000)
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))


def turned(path: Path, matrix: Sequence[int]) -> Path:
    """The same MP4 with a display matrix (a b c d, each -1, 0 or 1) in the header of its first track."""
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4 + 40  # ISO 14496-12, 8.3.2: 40 bytes of version 0 stand before the matrix
    a, b, c, d = (int(v * 65536).to_bytes(4, "big", signed=True) for v in matrix)
    zero, one = bytes(4), (1 << 30).to_bytes(4, "big")
    data[start : start + 36] = a + b + zero + c + d + zero + zero + zero + one
    path.write_bytes(data)
    return path


def _av1(path: Path) -> Path:
    """SVT-AV1, run as root, makes the calling thread a real-time one, and with it every process started later: that is undone."""
    try:
        return write_film(path, codec="libsvtav1", options={"preset": "13"})
    finally:
        if hasattr(os, "sched_setscheduler") and os.sched_getscheduler(0) != os.SCHED_OTHER:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _joined(path: Path) -> Path:
    """Two MPEG-TS films of different size, one after the other."""
    first = write_film(path.with_suffix(".1.ts"), range(8)).read_bytes()
    second = write_film(path.with_suffix(".2.ts"), range(8, 16), size=(192, 128), first_number=8).read_bytes()
    path.write_bytes(first + second)
    return path


def _cut(path: Path, share: float = 0.6) -> Path:
    """What is left of a film when a copy breaks off."""
    faststart = {"movflags": "faststart"} if path.suffix == ".mp4" else None
    whole = write_film(path, range(60), options={"g": "15"}, container_options=faststart).read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    return path


OPEN_GOP = {"g": "6", "x264-params": "open-gop=1:bframes=3:scenecut=0:b-adapt=0"}
UNEVEN = (0, 1, 2, 5, 6, 9, 15, 16, 18, 19, 25, 26, 30, 31, 32, 40)

# name -> how it is made; the names are files
FILMS: dict[str, Callable[[Path], Path]] = {
    "ntsc.mp4": write_film,
    "variable_rate.mp4": lambda path: write_film(path, UNEVEN, Fraction(50)),
    "variable_rate.mkv": lambda path: write_film(path, UNEVEN, Fraction(50)),
    "b_frames.mp4": lambda path: write_film(path, options={"bf": "3", "g": "10"}),
    "open_gop.mp4": lambda path: write_film(path, range(30), options=OPEN_GOP),
    "edit_list.mp4": lambda path: write_film(path, range(-7, 23), Fraction(25), options={"g": "30"}),
    "late_start.mp4": lambda path: write_film(path, range(40, 60), Fraction(25)),
    "stream.ts": lambda path: write_film(path, range(20), Fraction(25)),
    "b_frames.avi": lambda path: write_film(path, codec="mpeg4", options={"bf": "2"}),
    "vp9.webm": lambda path: write_film(path, codec="libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"}),
    "av1.mp4": lambda path: _av1(path),
    "turned.mp4": lambda path: turned(write_film(path), (0, 1, -1, 0)),
    "new_size.ts": _joined,
    "cut.mp4": _cut,
    "cut.mkv": _cut,
    "cut.ts": _cut,
}
# their pictures start at another number than 0, or not all are left
FIRST_NUMBER = {"edit_list.mp4": 7}
DAMAGED = ("cut.mp4", "cut.mkv", "cut.ts")


def copied(source: Path, target: Path, sound: bool = True, zero_s: float = 0.0, start_s: float | None = None) -> Path:
    """A video written again, picture by picture."""
    with open_source(source) as film:
        info = film.info
        sound_from = source if sound else None
        with H264Writer(target, info.width, info.height, info.frame_rate_hz, sound_from, zero_s) as writer:
            for frame in film.frames(start_s=start_s):
                writer.write(frame.rgb(), frame.time_s)
    return target
