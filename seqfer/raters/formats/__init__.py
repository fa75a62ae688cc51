"""Plug-ins: files of the fused raters for other programs, `seqfer evaluate-trace --formats`."""
