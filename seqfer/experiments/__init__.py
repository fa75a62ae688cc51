"""What a researcher reports: cross-validation, transfer, ensembles, stress tests, single evaluations and the leaderboard over all of them."""
