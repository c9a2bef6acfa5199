"""Train or score in another process that is killed, held up, or out of disk at a chosen moment."""

import importlib
import os
import signal


def at_moment(function, before=None, after=None, call=1):
    """Call `before` or `after` around the `call`-th call of `function`, written as module:name, and those behind it."""
    module_name, name = function.split(":")
    module = importlib.import_module(module_name)
    original, calls = getattr(module, name), []

    def watched(*arguments, **keywords):
        calls.append(name)
        if before and len(calls) >= call:
            before()
        answer = original(*arguments, **keywords)
        if after and len(calls) >= call:
            after()
        return answer
    setattr(module, name, watched)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def train_until_killed(place, moment, function):
    """Train; be killed as by `kill -9` "before" or "after" the first call of `function`."""
    at_moment(function, **{moment: die})
    place.train()


def train_when_told(place, started, go_on, answers):
    """Train; say when the fit is about to begin, and wait there until told to go on."""
    def wait():
        started.set()
        go_on.wait(120)
    at_moment("headgate.training.fit:fit_pipeline", before=wait)
    answers.put(place.train())


def train_on_full_disks(place, limits, answers):
    """Train once for each of `limits`: files may not grow over so many bytes, as on a disk that fills up."""
    import resource
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in limits:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
        answers.put(place.train())


def predict_until_killed(place, moment, function, options):
    """Score; be killed as by `kill -9` "before" or "after" the first call of `function`."""
    at_moment(function, **{moment: die})
    place.predict(*options)


def deploy_until_killed(place, moment, function, call, options):
    """Deploy; be killed as by `kill -9` "before" or "after" the `call`-th call of `function`."""
    at_moment(function, **{moment: die}, call=call)
    place.deploy(*options)
