"""Kinds of run, one file each: the record of what it writes, and what the leaderboard ranks of it. A new kind of run is one new file here.

A module has `FILE`, the name of the file in the run folder, and `RECORD`, the record of that file, whose field `kind` has the name of the kind as
its default. It may have `recognise(values)`, whether a file of the version before, which has no `kind`, is of this kind, and
`ranked(folder, record)`, the protocol and rows of the run for `seqfer leaderboard`.
"""
