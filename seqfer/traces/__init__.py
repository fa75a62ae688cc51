"""Reads and writes annotation traces: files of annotation tools become `Trace`s in [-1, 1], resampled to equal bins, fused and aligned."""
