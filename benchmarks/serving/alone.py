"""The libraries without a server, measured beside the servers: see apps/alone.py."""

import json
import os
import subprocess

from benchmarks.serving.environments import environment
from benchmarks.serving.servers.plain import APPS

LABELS = {"instances": "orjson + ONNX Runtime alone, one thread", "columns": "ONNX Runtime alone, one thread",
          "columns_threads": "ONNX Runtime alone, its own threads"}


def measure_alone(prepared, cache, bodies, case, seconds):
    """Return way -> rows per second for a Case of batches.

    bodies : file of bodies {"instances": [...]} of as many rows as the case has.
    """
    done = subprocess.run([str(environment("plain", cache)), str(APPS / "alone.py"), str(case.rows),
                           str(bodies), str(seconds), case.shape], capture_output=True, text=True,
                          env={**os.environ, "BENCHMARK_MODEL": str(prepared.folder)})
    if done.returncode:
        raise SystemExit(f"ONNX Runtime alone could not be measured:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])
