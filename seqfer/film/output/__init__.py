"""Writes the files of an annotated video from its rows: tables, traces, ELAN, WebVTT. Everything is streamed; nothing here needs torch."""
