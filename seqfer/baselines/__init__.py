"""Models without a network, one file each: `fit_predict(...)` on single frames."""
