"""Makes pages, charts and tables from the results of a run."""
