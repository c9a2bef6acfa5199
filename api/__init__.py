"""The REST service: `python -m api --help`."""
