"""The vocabulary that every other folder uses: errors, records, settings, emotions, the plug-in registry, files written whole.

It imports neither torch nor OpenCV, and only `files.py` touches the disk."""
