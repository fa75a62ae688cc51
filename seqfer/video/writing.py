"""Writes videos that browsers play: H.264 4:2:0 in MP4, header first, with the frames' true timestamps and the audio of the source
video."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.codec.codec import UnknownCodecError

from seqfer.core.errors import InputError
from seqfer.core.files import ClosedOrDiscarded, StagedFile, unwritable_error
from seqfer.core.one_line import one_line
from seqfer.video.containers import open_to_write
from seqfer.video.sound import SOUND_ERRORS, SoundTrack

logger = logging.getLogger("seqfer")

CLOCK = Fraction(1, 90000)
LONGEST_STEP_S = 3600
ENCODER = "libx264"
# What a disk says of the file that is written; all other errors of audio are about its data.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT)
OPTIONS = {"preset": "veryfast", "crf": "20"}


class H264Writer(ClosedOrDiscarded):
    """Writes a video of `width` x `height` pixels to a temporary file that `close` renames to `path`; in a `with` block, an error leaves no file.

    An odd last column or row is left out (4:2:0 needs even sizes). `rate_hz` is only a hint for the encoder; the frames keep the times
    given. `sound_from` is a file whose audio is copied where MP4 and browsers allow its format (AAC, MP3), else encoded as AAC;
    a file without audio adds none. `zero_s` is the time of the source that is time 0 here, for parts of a video.
    Raises InputError when the file cannot be written, or this build of PyAV has no H.264 encoder.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        rate_hz: float = 25.0,
        sound_from: Path | None = None,
        zero_s: float = 0.0,
    ) -> None:
        if width < 2 or height < 2:
            raise InputError(f"{path}: a video of {width}x{height} pixels; it needs at least 2x2")
        self.path, self.frames = path, 0
        self._size, self._zero_s = (width - width % 2, height - height % 2), zero_s
        self._tick: int | None = None
        self._staged = StagedFile(path)
        self._container: av.container.OutputContainer | None = None
        self._sound: SoundTrack | None = None
        rate = Fraction(rate_hz).limit_denominator(1001) if rate_hz > 0 else Fraction(25)
        try:
            self._begin(rate)
            try:
                self._add_sound(sound_from)
            except SOUND_ERRORS as error:
                if getattr(error, "errno", None) in DISK_ERRORS:
                    raise
                self._without_sound(error)
                self._begin(rate)  # a stream cannot be taken out of a container again
        except UnknownCodecError:
            self.discard()
            raise InputError(
                f"{path}: this build of PyAV has no {ENCODER}; install the wheel: pip install av"
            ) from None
        except (av.FFmpegError, OSError) as error:
            self.discard()
            raise unwritable_error(path, error) from None
        except InputError:
            self.discard()
            raise

    def _begin(self, rate: Fraction) -> None:
        if self._container is not None:
            with suppress(av.FFmpegError, ValueError):
                self._container.close()
        self._container = open_to_write(self._staged.part, "mp4", {"movflags": "+faststart"})
        shape: dict[str, Any] = {"width": self._size[0], "height": self._size[1], "pix_fmt": "yuv420p"}
        self._stream: Any = self._container.add_stream(ENCODER, rate, OPTIONS, **shape)
        self._stream.codec_context.time_base = CLOCK

    def _add_sound(self, sound_from: Path | None) -> None:
        assert self._container is not None
        self._sound_from = sound_from
        self._sound = SoundTrack.of(sound_from, self._container, self._zero_s) if sound_from else None
        if self._sound:
            self._container.start_encoding()  # fails for audio that the container cannot hold

    def _without_sound(self, error: BaseException) -> None:
        """Say that the audio is damaged, and leave it out from here on."""
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        from_s = float((self._tick or 0) * CLOCK)
        logger.warning(
            one_line(
                f"{self._sound_from}: its sound is damaged ({reason}); {self.path.name} has none from {from_s:.1f} s on"
            )
        )
        sound, self._sound = self._sound, None
        if sound:
            sound.close()

    def _sounded(self, step: Callable[[float], None], time_s: float) -> None:
        """Runs one step of the audio: damaged audio is left out, and is not reported as an error of the disk."""
        try:
            step(time_s)
        except (av.FFmpegError, OSError) as error:
            if error.errno in DISK_ERRORS:
                self.discard()
                raise unwritable_error(self.path, error) from None
            self._without_sound(error)
        except SOUND_ERRORS as error:
            self._without_sound(error)

    def write(self, picture: np.ndarray, time_s: float, layout: str = "rgb24") -> None:
        """Show `picture`, uint8 (height width 3), from `time_s` on; `layout` is rgb24 or bgr24.

        A picture of another size is scaled to fit, with black bars. Times that do not increase are moved to just after the one before; a step
        of more than an hour is treated as damage, because MP4 cannot store several of them, and later frames move up.
        """
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(_fitted(picture, self._size)), format=layout)
        tick = round((time_s - self._zero_s) / CLOCK)
        step_s = float((tick - (self._tick or 0)) * CLOCK)
        if step_s > LONGEST_STEP_S:
            lasts_s = 0.0 if self._tick is None else 1.0
            self._zero_s += step_s - lasts_s
            tick = (self._tick or 0) + round(lasts_s / CLOCK)
        self._tick = tick if self._tick is None else max(tick, self._tick + 1)
        frame.pts, frame.time_base = self._tick, CLOCK
        self._mux(frame)
        self.frames += 1
        if self._sound:
            self._sounded(self._sound.write_until, float(self._tick * CLOCK))

    def close(self) -> None:
        """Finish the video and rename it to `path`. Raises InputError when that fails, or no frame was written."""
        if self._container is None:
            return
        if not self.frames:
            self.discard()
            raise InputError(f"{self.path}: no frame was written, so there is no video; choose a longer part")
        self._mux(None)
        if self._sound and self._tick is not None:
            step_s = float(1 / self._stream.codec_context.framerate)
            self._sounded(self._sound.finish, float(self._tick * CLOCK) + step_s)
        self._guarded(self._container.close)
        self._container = None
        self._staged.commit()  # FFmpeg wrote to the file that is open here, so that it can be flushed to the disk

    def discard(self) -> None:
        """Remove what was written so far."""
        if self._sound:
            self._sound.close()
        container, self._container = self._container, None
        try:
            if container is not None:
                container.close()
        except (av.FFmpegError, OSError):  # nothing to finish: the file is removed
            pass
        self._staged.discard()

    def _mux(self, frame: av.VideoFrame | None) -> None:
        assert self._container is not None, "the video is closed"
        for packet in self._guarded(self._stream.encode, frame):
            self._guarded(self._container.mux, packet)

    def _guarded(self, step: Callable[..., Any], *arguments: Any) -> Any:
        """Runs one step of writing; a full disk becomes an InputError of one line."""
        try:
            return step(*arguments)
        except (av.FFmpegError, OSError) as error:
            self.discard()
            raise unwritable_error(self.path, error) from None


def _fitted(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(height width 3) -> (size's height, width, 3): cut by an odd line, or scaled as a whole with black bars."""
    width, height = size
    if 0 <= picture.shape[0] - height <= 1 and 0 <= picture.shape[1] - width <= 1:
        return picture[:height, :width]
    scale = min(width / picture.shape[1], height / picture.shape[0])
    inner = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    out = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    out[top : top + inner[1], left : left + inner[0]] = cv2.resize(picture, inner, interpolation=cv2.INTER_AREA)
    return out
