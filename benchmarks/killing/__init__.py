"""What `benchmarks/kill_deploy.py` is made of: a registry, production with its callers, and who is killed."""
