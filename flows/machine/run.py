"""Bring the machine up, keep it up, and take it down."""

import signal
import subprocess
import sys
import threading

from filelock import FileLock

from flows.launch.embedded import QUEUE_SECONDS
from flows.machine.cut_off import tell_cut_off
from flows.machine.deploying import deploy_all, make_pool
from flows.machine.part import CHECKOUT
from flows.machine.plan import check_ports, servers, worker
from flows.machine.prepare import OWN
from flows.machine.supervisor import Supervisor
from headgate.errors import HeadgateError

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]


def run(plan, say, when_up):
    """Run the machine of `plan` until this process is told to stop.

    say : takes a line for a person. when_up : called once everything answers.
    Raises HeadgateError when something cannot be started; nothing is left running then.
    """
    check_ports(plan)
    supervisor = Supervisor(plan.workspace.home / "logs" / "up", plan.environment, say)
    with _told_by_signals(supervisor):
        try:
            _start(plan, supervisor, say)
            if not supervisor.asked_to_stop.is_set():
                when_up()
            supervisor.keep()
            say("stopping")
        finally:
            supervisor.stop()


def _start(plan, supervisor, say):
    prefect_home = plan.workspace.home / "prefect"
    prefect_home.mkdir(parents=True, exist_ok=True)
    _prepare(plan)
    lock = FileLock(prefect_home / "startup.lock")      # embedded runs on this home may be making the same tables
    with lock.acquire(timeout=QUEUE_SECONDS):
        supervisor.start(*servers(plan))
    if supervisor.asked_to_stop.is_set():
        return
    make_pool(plan)
    tell_cut_off(plan, say)
    refused = []
    deploying = threading.Thread(target=_deploy, args=(plan, refused))
    deploying.start()
    try:
        supervisor.start(worker(plan, lambda: tell_cut_off(plan, say)))
    finally:
        deploying.join()
    if refused:
        raise refused[0]
    say("every flow of prefect.yaml is deployed")


def _deploy(plan, refused):
    try:
        deploy_all(plan)
    except (HeadgateError, subprocess.SubprocessError, OSError) as error:   # it belongs to the thread that waits
        refused.append(error)


def _prepare(plan):
    done = subprocess.run([sys.executable, "-m", "flows.machine.prepare"], cwd=CHECKOUT, text=True, capture_output=True,
                          env={**plan.environment, OWN: " ".join(plan.own)},
                          stdin=subprocess.DEVNULL, check=False, encoding="utf-8", errors="replace")
    if done.returncode:
        raise HeadgateError("The databases cannot be made ready.", value=done.stderr.strip()[-2000:])


class _told_by_signals:
    """Inside of the block a signal asks the supervisor to stop; a second one, to hurry."""

    def __init__(self, supervisor):
        self.supervisor, self.before = supervisor, {}

    def __enter__(self):
        for number in SIGNALS:
            self.before[number] = signal.signal(number, self._told)

    def __exit__(self, *_):
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _told(self, number, frame):
        if self.supervisor.asked_to_stop.is_set():
            self.supervisor.asked_to_hurry.set()
        self.supervisor.asked_to_stop.set()
