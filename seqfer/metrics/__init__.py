"""Measures, in NumPy and scikit-learn only: classification, comparison of models."""
