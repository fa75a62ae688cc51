"""Decodes the packets of a file to frames, and as many frames as possible of a damaged file.

After an error the demuxer or decoder is called again; the counters of `Decoding` tell why the file ended.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import av

from seqfer.video.reading import opened, why

# In a damaged file a demuxer may loop: an hour of packets without a frame, or far more bytes than the file has, end the decoding.
SILENT_PACKETS = 100_000
BYTES_PER_BYTE, SPARE_BYTES = 16, 64 << 20


class Decoding:
    """One pass over a file. `threads` is FFmpeg's type of threading: AUTO (several frames at once, fast) or SLICE (slices of one frame).

    AUTO stops at the first sign of damage, and `has_damage` is then true. SLICE continues as long as the decoder can.
    """

    def __init__(self, path: Path, threads: str) -> None:
        self.path, self.threads = path, threads
        self.opened: tuple[av.container.InputContainer, av.VideoStream] | None = None  # set while the file is read
        self.damaged = 0  # packets that are truncated or rejected by the decoder, and frames that it marks as corrupt
        self.broken_off = ""  # why reading stopped before the end of the container
        self.reach_s = self.last_packet_s = (
            self.last_frame_s
        ) = -math.inf  # end and start of the last packet, start of the last frame
        self._clock_s = 0.0
        self._untimed = 0  # packets without a time, less the frames

    @property
    def has_damage(self) -> bool:
        """Whether an error has occurred so far."""
        return bool(self.damaged or self.broken_off)

    @property
    def is_truncated(self) -> bool:
        """Whether the last packets gave no frame: PyAV hides errors of frames that the decoder still buffered."""
        return self._untimed > 0 if self.last_packet_s == -math.inf else self.last_frame_s < self.last_packet_s - 1e-6

    def frames(self) -> Generator[av.VideoFrame, None, None]:
        """Frames in display order. Raises InputError for what cannot be opened."""
        silent, read_bytes = 0, 0
        with opened(self.path) as (container, stream):
            self.opened = (container, stream)
            size = self.path.stat().st_size
            stream.thread_type = self.threads
            self._clock_s = float(stream.time_base or 0)  # computed once: fractions for every packet would be slow
            for packet in self._packets(container, stream):
                frames = self._decoded(stream, packet)
                if self.threads == "AUTO" and self.has_damage:
                    return
                yield from frames
                silent = 0 if frames else silent + 1
                read_bytes += packet.size if packet else 0
                if silent > SILENT_PACKETS or read_bytes > BYTES_PER_BYTE * size + SPARE_BYTES:
                    self.broken_off = "reading the file loops"
                    return

    def _packets(
        self, container: av.container.InputContainer, stream: av.VideoStream
    ) -> Iterator[av.Packet[Any] | None]:
        """Packets with data, then one that flushes the decoder (None where reading the container failed)."""
        try:
            for packet in container.demux(stream):
                if packet.size == 0 and packet.dts is not None:
                    continue  # in AVI a repeated frame; a decoder would take it for the end of the stream
                self._note(packet)
                yield packet
        except av.FFmpegError as error:
            self.broken_off = why(error)
            yield None

    def _note(self, packet: av.Packet[Any]) -> None:
        self.damaged += packet.is_corrupt
        if packet.size == 0 or packet.is_discard:  # frames removed by an edit list are decoded but not shown
            return
        self._untimed += 1
        if packet.pts is not None:
            start_s = packet.pts * self._clock_s
            self.last_packet_s = max(self.last_packet_s, start_s)
            self.reach_s = max(self.reach_s, start_s + (packet.duration or 0) * self._clock_s)

    def _decoded(self, stream: av.VideoStream, packet: av.Packet[Any] | None) -> list[av.VideoFrame]:
        try:
            frames = stream.decode(packet)
        except av.FFmpegError:
            self.damaged += not (packet and packet.is_corrupt)
            return []
        for frame in frames:
            self.damaged += frame.is_corrupt
            self._untimed -= 1
            if frame.time is not None:
                self.last_frame_s = max(self.last_frame_s, float(frame.time))
        return frames
