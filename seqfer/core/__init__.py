"""Definitions that every other folder uses: errors, records, settings, emotions, the plug-in registry, atomic writing of files.

It imports neither torch nor OpenCV, and only `files.py` reads or writes files."""
