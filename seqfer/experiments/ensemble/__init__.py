"""`seqfer ensemble`: several trained models as one - averaged, stacked, or one regression on all their features."""
