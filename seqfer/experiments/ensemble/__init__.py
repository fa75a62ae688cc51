"""`seqfer ensemble`: combines several trained models - averaged, stacked, or with one regression on all their features."""
