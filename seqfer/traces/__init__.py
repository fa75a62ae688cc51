"""Annotation traces in and out: what raters exported becomes `Trace`s in [-1, 1], and means over equal bins of time."""
