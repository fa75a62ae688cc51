"""Opens every video and picture of the package: reads files, folders and cameras, and writes videos.

`probe` and `read_frames` are for training (all frames, in RGB); `open_source` gives frames with all that a video has. Both give pictures as a player
shows them.
"""

from seqfer.video.picture import VideoFrame
from seqfer.video.reading import VideoInfo, probe, read_frames
from seqfer.video.source import Source, SourceInfo
from seqfer.video.sources import open_source
from seqfer.video.suffixes import SUFFIXES

__all__ = ["SUFFIXES", "Source", "SourceInfo", "VideoFrame", "VideoInfo", "open_source", "probe", "read_frames"]
