"""A corpus of clips or stills: its manifest, person-disjoint folds, the faces of its clips as arrays, and stills that occur twice."""
