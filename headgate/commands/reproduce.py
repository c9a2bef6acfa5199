"""`python -m headgate reproduce NAME --version N`."""
