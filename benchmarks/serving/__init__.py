"""What the benchmarks of serving share: the model and its rows, the servers, the load, and the tables."""
