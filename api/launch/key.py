"""`python -m api key`: make an API key."""

import argparse
import sys

from api.keys import add_key


def make_key(arguments):
    """Print a new key on standard output, once, and keep its hash in the file."""
    parser = argparse.ArgumentParser("python -m api key",
                                     description="Make an API key; the service keeps only its hash.")
    parser.add_argument("name", help="Whose key it is; named in the log of what an admin did.")
    parser.add_argument("--keys-file", required=True, help="File to add the hash to; a running service notices.")
    parser.add_argument("--admin", action="store_true", help="May also reload and roll back.")
    options = parser.parse_args(arguments)
    key = add_key(options.keys_file, options.name, admin=options.admin)
    sys.stderr.write(f"The key of {options.name}; it cannot be shown again. To take it away, delete its line in "
                     f"{options.keys_file}.\n")
    sys.stdout.write(f"{key}\n")
