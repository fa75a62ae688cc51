"""Packets -> decoded frames, as far as a damaged file yields them.

A demuxer or decoder that meets damage is asked to go on; what is counted and noted here tells how the file came to its end.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from pathlib import Path

import av

from seqfer.video.reading import opened, why

# A damaged file may send a demuxer round in circles: an hour of packets without a frame, or far more bytes than there are, end it.
SILENT_PACKETS = 100_000
BYTES_PER_BYTE, SPARE_BYTES = 16, 64 << 20


class Decoding:
    """One pass over a file. `threads` is FFmpeg's kind: AUTO (whole frames at once, fast) or SLICE (parts of one frame).

    AUTO stops at the first sign of damage, and `has_damage` is then true. SLICE goes on as long as the decoder can.
    """

    def __init__(self, path: Path, threads: str) -> None:
        self.path, self.threads = path, threads
        self.opened: tuple[av.container.InputContainer, av.VideoStream] | None = None  # while it is read
        self.damaged = 0  # packets cut short or refused by the decoder, and frames it calls corrupt
        self.broken_off = ""  # why the container ended before its end
        self.reach_s = self.last_packet_s = (
            self.last_frame_s
        ) = -math.inf  # end and start of the last packet, start of the last frame
        self._clock_s = 0.0
        self._untimed = 0  # packets without a time, less the frames

    @property
    def has_damage(self) -> bool:
        """Whether something went wrong so far."""
        return bool(self.damaged or self.broken_off)

    @property
    def is_truncated(self) -> bool:
        """Whether packets went in at the end of which no frame came out; PyAV swallows errors of frames that the decoder still held."""
        return self._untimed > 0 if self.last_packet_s == -math.inf else self.last_frame_s < self.last_packet_s - 1e-6

    def frames(self) -> Generator[av.VideoFrame, None, None]:
        """Frames in display order. Raises InputError for what cannot be opened."""
        silent, read_bytes = 0, 0
        with opened(self.path) as (container, stream):
            self.opened = (container, stream)
            size = self.path.stat().st_size
            stream.thread_type = self.threads
            self._clock_s = float(stream.time_base or 0)  # once: fractions for every packet would be felt
            for packet in self._packets(container, stream):
                frames = self._decoded(stream, packet)
                if self.threads == "AUTO" and self.has_damage:
                    return
                yield from frames
                silent = 0 if frames else silent + 1
                read_bytes += packet.size if packet else 0
                if silent > SILENT_PACKETS or read_bytes > BYTES_PER_BYTE * size + SPARE_BYTES:
                    self.broken_off = "the file leads round in circles"
                    return

    def _packets(self, container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.Packet | None]:
        """Packets with data, then one that flushes the decoder (None where the container broke off)."""
        try:
            for packet in container.demux(stream):
                if packet.size == 0 and packet.dts is not None:
                    continue  # AVI's mark for "as before"; a decoder would take it for the end
                self._note(packet)
                yield packet
        except av.FFmpegError as error:
            self.broken_off = why(error)
            yield None

    def _note(self, packet: av.Packet) -> None:
        self.damaged += packet.is_corrupt
        if packet.size == 0 or packet.is_discard:  # what an edit list cuts off is decoded and not shown
            return
        self._untimed += 1
        if packet.pts is not None:
            start_s = packet.pts * self._clock_s
            self.last_packet_s = max(self.last_packet_s, start_s)
            self.reach_s = max(self.reach_s, start_s + (packet.duration or 0) * self._clock_s)

    def _decoded(self, stream: av.VideoStream, packet: av.Packet | None) -> list[av.VideoFrame]:
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
