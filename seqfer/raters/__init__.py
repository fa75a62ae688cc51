"""Compares predicted traces with raters' annotations, and calibrates them: `seqfer evaluate-trace` and `seqfer calibrate-valence`."""
