"""Drive a server with wrk, which cycles through the bodies of a file, and read what it counted."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")
TIMEOUT = 60


class LoadFailed(Exception):
    """A server refused requests or broke connections under load: what it did cannot be compared."""


@dataclass(frozen=True)
class Load:
    """One run: answers per second; milliseconds within which half, 99 % and all were answered."""

    requests: int
    per_second: float
    p50: float
    p99: float
    highest: float


def drive(url, bodies, *, connections, seconds, headers=()):
    """POST the lines of the file `bodies` to `url` over `connections` for `seconds`; return a Load.

    headers : pairs of name and value. Raises LoadFailed when an answer was 400 or above, or a connection broke.
    """
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={TIMEOUT}s", "--latency",
                           "-s", str(SCRIPT), url, "--", str(bodies), *(f"{name}={value}" for name, value in headers)],
                          capture_output=True, text=True)
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        raise LoadFailed(f"wrk against {url} ended with {done.returncode}: {(done.stderr or done.stdout)[-500:]}")
    counted = json.loads(line.removeprefix("RESULT "))
    if counted["refused"] or counted["broken"] or not counted["requests"]:
        raise LoadFailed(f"{url} with {Path(bodies).name}: of {counted['requests']} answers {counted['refused']} were "
                         f"400 or above; {counted['broken']} connections broke or timed out.")
    return Load(counted["requests"], counted["requests"] / counted["seconds"], counted["p50"], counted["p99"],
                counted["max"])


def require_wrk():
    """Raise SystemExit unless wrk is installed."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: apt install wrk")
