"""One video in, rows and files out: streaming inference, key-frame selection, temporal heads over a video, and many videos at a time."""
