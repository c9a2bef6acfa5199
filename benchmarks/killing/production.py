"""Production that is started again whenever it dies, and callers that never stop asking."""

import http.client
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.killing.home import MODEL, champions, environment_of
from benchmarks.measure import ROOT, tree
from benchmarks.serving.processes import free_port

START_SECONDS, LOOK = 60, 0.01
ASK_SECONDS, CALLERS, PAUSE = 10, 2, 0.005


@dataclass
class Production:
    """`python -m api` of the registry's champions, kept running.

    outages : pairs (killed, answers again) on time.monotonic.
    """

    port: int
    environment: dict
    log: object
    process: subprocess.Popen = None
    outages: list = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """Start it, and whoever starts it again."""
        self._launch()
        self._watcher = threading.Thread(target=self._keep_running)
        self._watcher.start()

    def kill(self):
        """End it as by `kill -9`."""
        self.outages.append([time.monotonic(), float("inf")])
        self.process.kill()

    def processes(self):
        return tree(self.process.pid)

    def stop(self):
        self.over.set()
        self._watcher.join()
        self.process.terminate()
        self.process.wait(30)

    def _keep_running(self):
        while not self.over.wait(LOOK):
            if self.process.poll() is not None:
                self._launch()
                self.outages[-1][1] = time.monotonic()

    def _launch(self):
        command = [sys.executable, "-m", "api", "--port", str(self.port), "--poll-seconds", "0.5"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log)
        limit = time.monotonic() + START_SECONDS
        while ask(self.port, "GET", "/ready") != 200:
            if time.monotonic() > limit or self.process.poll() is not None:
                raise SystemExit(f"production did not start; see {self.log.name}")
            time.sleep(LOOK)


@dataclass
class Callers:
    """asked : requests answered with 200. failed : (began, ended, what came instead).

    champions : that were ever seen at once.
    """

    asked: int = 0
    failed: list = field(default_factory=list)
    champions: set = field(default_factory=set)

    def blamed(self, outages):
        """Return the failures that no outage of the only server explains."""
        return [one for one in self.failed if not any(began <= one[1] and one[0] <= ended for began, ended in outages)]


@contextmanager
def calling(production, home, row):
    """Yield the Callers, who ask until the block ends; somebody looks at the registry all the time, too."""
    told, over, guard = Callers(), threading.Event(), threading.Lock()
    body = json.dumps(row).encode()

    def call():
        while not over.wait(PAUSE):
            began = time.monotonic()
            status = ask(production.port, "POST", f"/models/{MODEL}/predict", body)
            with guard:
                if status == 200:
                    told.asked += 1
                else:
                    told.failed.append((began, time.monotonic(), status))

    def look():
        while not over.wait(LOOK):
            told.champions.add(tuple(champions(home)))

    threads = [*(threading.Thread(target=call) for _ in range(CALLERS)), threading.Thread(target=look)]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        over.set()
        for thread in threads:
            thread.join()


@contextmanager
def serving(place, home):
    """Yield running Production over the state in `home`."""
    with open(home / "production.log", "wb") as log:
        production = Production(free_port(), environment_of(place, home), log)
        production.start()
        try:
            yield production
        finally:
            production.stop()


def ask(port, method, path, body=None):
    """Return the status, or the name of what was raised."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_SECONDS)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()
