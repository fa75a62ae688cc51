"""Annotates videos: streaming inference, key-frame selection, temporal heads over a video, the files of results, and several videos in parallel."""
