"""Make the work pool and the deployments of prefect.yaml, without a prompt; what is there is brought up to date."""

import subprocess
import sys

from flows.launch.answers import ask
from flows.machine.part import CHECKOUT
from flows.machine.plan import POOL
from headgate.errors import HeadgateError

SECONDS = 180


def make_pool(plan):
    """Create the process pool unless it is there."""
    if ask(f"{plan.at('prefect')}/api/work_pools/{POOL}") is None:
        _prefect(plan, "work-pool", "create", POOL, "--type", "process")


def deploy_all(plan):
    """Deploy every flow of prefect.yaml."""
    _prefect(plan, "--no-prompt", "deploy", "--all", "--prefect-file", str(CHECKOUT / "prefect.yaml"))


def _prefect(plan, *words):
    done = subprocess.run([sys.executable, "-m", "prefect", *words], cwd=CHECKOUT, text=True, capture_output=True,
                          env={**plan.environment, "PWD": str(CHECKOUT)}, stdin=subprocess.DEVNULL, timeout=SECONDS,
                          check=False, encoding="utf-8", errors="replace")
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise HeadgateError(f"`prefect {' '.join(words[:2])}` failed.", value="\n".join(["", *said[-12:]]))
