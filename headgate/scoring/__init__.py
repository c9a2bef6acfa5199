"""Score a whole table with one version: in blocks, checked as a request is, through the version's own graph."""
