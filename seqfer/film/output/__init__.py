"""Files made from the rows of an annotated film: tables, traces, ELAN, WebVTT. Everything streams; nothing here needs torch."""
