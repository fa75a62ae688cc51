"""Pages, pictures and tables made from the numbers of a run."""
