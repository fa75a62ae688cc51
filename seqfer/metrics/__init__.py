"""Metrics, in NumPy and scikit-learn only: classification, calibration, comparison of models, traces, agreement of raters."""
