"""seqfer: facial-emotion analysis over time."""

__version__ = "0.1.0"
