"""Run one piece of work in another process that is killed, as by `kill -9`, at a chosen moment."""

import importlib
import os
import signal

from headgate.registry import aliases, mlflow_store  # noqa: F401  (loaded once by the fork server)
from headgate.registry.register import register


def work_until_killed(work, arguments, function, call, moment):
    """Do `work`; die "before" or "after" the `call`-th call of `function`, written as module:name."""
    module_name, name = function.split(":")
    module = importlib.import_module(module_name)
    original, calls = getattr(module, name), []

    def deadly(*args, **keywords):
        calls.append(name)
        if len(calls) == call and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = original(*args, **keywords)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(module, name, deadly)
    work(*arguments)


def register_and_accept(workspace, folder):
    """What the training flow does at its end."""
    aliases.accept(workspace, register(workspace, folder))


def promote(workspace, version):
    aliases.promote(workspace, "kettle", version)


def rollback(workspace):
    aliases.rollback(workspace, "kettle")
