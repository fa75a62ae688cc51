"""Trains encoders, temporal heads and valence models: loops, augmentation, checkpoints, one module per kind of training."""
