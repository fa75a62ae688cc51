"""Readers of corpora, one file each: `prepare(root, out)` makes a validated manifest of a copy."""
