"""Does the service do what its OpenAPI document says? Schemathesis asks it thousands of times, every check on.

    python benchmarks/contract.py --url http://127.0.0.1:8000                    a campaign of some minutes
    python benchmarks/contract.py --url http://127.0.0.1:8000 --examples 5000    a long one
    python benchmarks/contract.py --url http://127.0.0.1:8000 --key KEY --json   where keys are asked for

Requests that the document allows must be answered, those that it forbids must be refused, with the statuses, headers
and bodies that it names; methods that it does not name are 405, and what needs a key is 401 without one. Exit code 1
with a line of curl for each failure.
"""

import argparse
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

HOOKS = Path(__file__).with_name("contract_hooks.py")


def main():
    options = read_options()
    before = answered(options.url)
    done = subprocess.run(command(options), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)}, cwd=HOOKS.parent)
    if done.returncode or not options.json:
        sys.stdout.write(done.stdout)
    requests = answered(options.url) - before
    sys.stdout.write(f"{requests:,} requests, {'no failure' if not done.returncode else 'failures'}\n")
    if options.json:
        sys.stdout.write(json.dumps({"requests": requests, "ok": not done.returncode}) + "\n")
    sys.exit(done.returncode)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="Of a running service.")
    parser.add_argument("--examples", type=int, default=500, help="Most random requests per operation and phase.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--key", help="API key to send.")
    parser.add_argument("--json", action="store_true", help="One JSON object as the last line.")
    return parser.parse_args()


def command(options):
    """Return the command that asks."""
    key = ["--header", f"X-API-Key: {options.key}"] if options.key else []
    return [sys.executable, "-m", "schemathesis.cli", "run", f"{options.url}/openapi.json", "--checks", "all",
            "--phases", "examples,coverage,fuzzing", "--max-examples", str(options.examples), "--seed",
            str(options.seed), "--continue-on-failure", "--no-color", "--generation-database", "none", *key]


def answered(url):
    """Return how many requests the service has answered so far."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return int(sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("headgate_requests_total{")))


if __name__ == "__main__":
    main()
