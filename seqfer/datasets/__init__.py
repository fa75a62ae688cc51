"""Corpora, one file each: `prepare(root, out)` turns a copy into a validated manifest."""
