"""The suffixes of video files that open: FFmpeg's own list of each container format, for every place that searches folders for videos."""

from __future__ import annotations

import av

# Container formats of moving pictures, by FFmpeg's names. Formats of sound, of subtitles and of single pictures are left out.
FORMATS = (
    *("mp4", "mov", "3gp", "3g2", "f4v", "ismv", "psp", "m4v", "matroska", "webm", "avi", "asf", "mpegts", "mpeg", "vob", "dvd"),
    *("mpeg1video", "mpeg2video", "h264", "hevc", "av1", "obu", "ivf", "mjpeg", "yuv4mpegpipe", "dv", "dhav", "flv", "swf", "gif"),
    *("ogv", "nut", "mxf", "gxf", "rm", "wtv", "amv", "roq", "ty"),
)  # fmt: skip
# Files of these formats that hold no moving pictures: sound, photographs, and lists of other files.
NO_VIDEO = frozenset(
    (".m4a", ".m4b", ".mka", ".mks", ".isma", ".wma", ".ra", ".avif", ".heic", ".heif", ".mpo", ".ism")
)
# Names that cameras, disks and programs use for these containers and that FFmpeg does not list; it opens a file by its content.
ALSO = (".qt", ".mpe", ".m2p", ".mod", ".tod", ".vro", ".evo", ".divx", ".xvid", ".mqv", ".insv", ".360")


def _from_ffmpeg() -> tuple[str, ...]:
    found = set(ALSO)
    for name in FORMATS:
        for mode in ("r", "w"):  # for some formats only the writer has a list: MPEG transport streams
            try:
                found |= {f".{suffix.strip().lower()}" for suffix in av.ContainerFormat(name, mode).extensions}
            except ValueError:  # this build of FFmpeg does not have it
                continue
    return tuple(sorted(found - NO_VIDEO - {"."}))


SUFFIXES = _from_ffmpeg()
