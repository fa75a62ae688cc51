"""Plug-ins: readers of annotation files, one file each, named like the kind of trace; `read(path, axis, value_range)` returns `Trace`s."""
