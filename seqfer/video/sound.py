"""Copies the audio of one video into another, packet by packet where its format allows. Damaged audio is left out, and said."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import av

from seqfer.core.errors import InputError
from seqfer.video.containers import open_to_read
from seqfer.video.reading import why

T = TypeVar("T")
COPIED = ("aac", "mp3", "mp3float")  # formats that MP4 allows and every browser plays; names of FFmpeg's decoders
ENCODER = "aac"
# What damaged audio raises in a decoder, a resampler, an encoder or the container that is written.
SOUND_ERRORS = (av.FFmpegError, ValueError, TypeError, ArithmeticError)


class SoundTrack:
    """Copies the first audio stream of a file into `target`, up to the time of the last picture. Damage ends the audio without an error."""

    def __init__(
        self, source: av.container.InputContainer, target: av.container.OutputContainer, zero_s: float
    ) -> None:
        self._source, self._target, self._zero_s = source, target, zero_s
        self._stream = source.streams.audio[0]
        self._out: Any
        self._resampler: av.AudioResampler | None = None
        if self._stream.codec_context.name in COPIED:
            self._out = target.add_stream_from_template(self._stream)
        else:
            self._out = target.add_stream(ENCODER, rate=self._stream.codec_context.sample_rate)
            layout = "mono" if self._stream.codec_context.layout.nb_channels == 1 else "stereo"
            self._out.codec_context.layout = layout
            self._resampler = av.AudioResampler("fltp", layout, self._stream.codec_context.sample_rate)
        self._packets = self._timed()
        self._waiting: tuple[float, av.Packet[Any]] | None = None

    @classmethod
    def of(cls, path: Path, target: av.container.OutputContainer, zero_s: float) -> SoundTrack | None:
        """The audio of `path`, or None where it has none that can be decoded. Raises InputError when the file cannot be opened, one of
        SOUND_ERRORS where its audio is damaged."""
        try:
            source = open_to_read(path)
        except av.FFmpegError as error:
            raise InputError(f"{path}: no sound can be taken from it ({why(error)}); check the path") from None
        if not source.streams.audio or source.streams.audio[0].codec_context is None:
            source.close()
            return None
        try:
            return cls(source, target, zero_s)
        except SOUND_ERRORS:
            source.close()
            raise

    def write_until(self, time_s: float) -> None:
        """Write all audio that starts before `time_s` of the new video."""
        while True:
            if self._waiting is None:
                self._waiting = next(self._packets, None)
            if self._waiting is None or self._waiting[0] >= time_s:
                return
            self._target.mux(self._waiting[1])
            self._waiting = None

    def finish(self, time_s: float) -> None:
        """Write the audio until the last picture ends, and close the source file."""
        self.write_until(time_s)
        self.close()

    def close(self) -> None:
        """Close the source file."""
        self._packets.close()
        self._source.close()

    def _timed(self) -> Generator[tuple[float, av.Packet[Any]], None, None]:
        """(start in the new video in seconds, its packet), from time 0 on."""
        yield from self._copied() if self._resampler is None else self._encoded(self._resampler)

    def _copied(self) -> Iterator[tuple[float, av.Packet[Any]]]:
        for packet in _until_damaged(self._source.demux(self._stream)):
            if packet.dts is None or packet.pts is None:
                continue
            start_s = float(packet.pts * packet.time_base) - self._zero_s
            if start_s < 0 and self._zero_s:
                continue
            shift = round(self._zero_s / packet.time_base)
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, self._out
            yield start_s, packet

    def _encoded(self, resampler: av.AudioResampler) -> Iterator[tuple[float, av.Packet[Any]]]:
        for frame in chain(_until_damaged(self._source.decode(self._stream)), (None,)):
            if frame is not None:
                if frame.pts is None or frame.time_base is None or float(frame.pts * frame.time_base) < self._zero_s:
                    continue
                frame.pts -= round(self._zero_s / frame.time_base)
            for part in resampler.resample(frame):
                yield from self._starts(part)
        yield from self._starts(None)

    def _starts(self, part: av.AudioFrame | None) -> Iterator[tuple[float, av.Packet[Any]]]:
        for packet in self._out.encode(part):
            yield float((packet.pts or 0) * packet.time_base), packet


def _until_damaged(items: Iterator[T]) -> Iterator[T]:
    try:
        yield from items
    except av.FFmpegError:
        return
