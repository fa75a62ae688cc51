"""Person-disjoint cross-validation of temporal heads: the plan, one fold, the whole run, and the summary that becomes `report.json`."""
