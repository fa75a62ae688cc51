"""Experiments with reports: cross-validation, transfer, ensembles, stress tests, single evaluations and the leaderboard of all of them."""
