"""Predicted traces against what raters saw: `seqfer evaluate-trace` and `seqfer calibrate-valence`."""
