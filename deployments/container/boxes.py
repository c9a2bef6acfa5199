"""A container of the service as production runs it: read-only, without rights, with a volume for its state."""

import json
import socket
import subprocess
import uuid
from dataclasses import dataclass

INSIDE = 8000


class CannotRun(Exception):
    """The container cannot be started or asked (exit code 2)."""


@dataclass(frozen=True)
class Box:
    """A container that runs. port : where it answers on 127.0.0.1. volume : holds /state."""

    tool: str
    more: tuple
    image: str
    name: str
    volume: str
    port: int

    def call(self, *command, check=True):
        """Run a command of the tool and return its outcome; raise CannotRun when it must not fail and does."""
        return _call([self.tool, *self.more, *command], check=check)

    def python(self, code):
        """Return what a line of Python prints in the running container."""
        return self.call("exec", self.name, "python", "-c", code).stdout.strip()

    def after(self, code):
        """Return what a line of Python prints in a new container of the same image and state."""
        return self.call("run", "--rm", "--network", "none", "--volume", f"{self.volume}:/state", "--entrypoint",
                         "python", self.image, "-c", code).stdout.strip()

    def labels(self):
        """Return the labels of the image."""
        told = self.call("image", "inspect", "--format", "{{json .Config.Labels}}", self.image).stdout
        return json.loads(told) or {}

    def log(self):
        """Return the last lines of what the service logged."""
        return self.call("logs", "--tail", "20", self.name, check=False).stderr

    def remove(self):
        """Delete the container and its state."""
        self.call("rm", "--force", self.name, check=False)
        self.call("volume", "rm", "--force", self.volume, check=False)


def start(tool, image, *, more=(), bundles=None, host_network=False):
    """Start a container of the image and return its Box; raises CannotRun.

    more : options for the tool before its command. bundles : folder to mount on /bundles, or None.
    host_network : listen on this machine itself, where the tool cannot publish a port.
    """
    name, port = f"headgate-smoke-{uuid.uuid4().hex[:8]}", _free_port()
    box = Box(tool, tuple(more), image, name, f"{name}-state", port)
    network = (["--network", "host", "--env", "HEADGATE_HOST=127.0.0.1", "--env", f"HEADGATE_PORT={port}"]
               if host_network else ["--publish", f"127.0.0.1:{port}:{INSIDE}"])
    mounted = ["--volume", f"{bundles.resolve()}:/bundles:ro"] if bundles else []
    try:
        box.call("run", "--detach", "--name", name, "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL",
                 "--security-opt", "no-new-privileges", "--volume", f"{box.volume}:/state", *mounted, *network, image)
    except CannotRun:
        box.remove()
        raise
    return box


def _call(command, *, check=True):
    try:
        ended = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise CannotRun(f"{command[0]} cannot be run: {error.strerror}.") from None
    if check and ended.returncode != 0:
        raise CannotRun(f"{' '.join(command[:3])} ended with {ended.returncode}: {ended.stderr.strip()[-600:]}")
    return ended


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
