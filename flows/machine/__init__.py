"""A whole system on one machine: which processes it is made of, and what keeps them running."""
