"""Continuous ratings of videos by people: the settings of a rating session, its videos and raters, the log of every attempt, and the files that come
of it. The web server (`seqfer/web`) fills the logs; nothing here knows of it."""
