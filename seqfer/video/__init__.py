"""The only place that opens videos: reading, from files, folders and cameras, and writing.

`probe` and `read_frames` serve training (all frames, stored picture, RGB); `open_source` serves films as people see them.
"""

from seqfer.video.picture import VideoFrame
from seqfer.video.reading import SUFFIXES, VideoInfo, probe, read_frames
from seqfer.video.source import Source, SourceInfo
from seqfer.video.sources import open_source

__all__ = ["SUFFIXES", "Source", "SourceInfo", "VideoFrame", "VideoInfo", "open_source", "probe", "read_frames"]
