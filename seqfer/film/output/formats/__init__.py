"""Plug-ins for further files of an annotated video: ELAN, WebVTT, and the video with boxes and emotions drawn on it."""
