"""When a step need not run: its key is its code, its part of the spec and the digests of its inputs.

Prefect's own default would key by the task's source alone, which misses edits in the library under it.
"""

import logging

from headgate.training.digests import code_digest, digest_of

log = logging.getLogger("headgate.tasks.caching")


def step_key(step, part):
    """Return a Prefect `cache_key_fn`: the code behind `step`, and what `part(**inputs)` returns."""
    def compute(context, inputs):
        return key_of(step, part(**inputs))

    return compute


def key_of(step, part):
    """Return the key of one step; equal in every process and on every host."""
    return f"{step}-{digest_of([code_digest(step), part])[:40]}"


def run_step(task, *arguments, force=False, usable=None):
    """Call `task`, from the cache when its key is known and what it points at is `usable`.

    usable : function of the result; False means that the files behind a cached result are gone.
    """
    if force:
        return task.with_options(refresh_cache=True)(*arguments)
    state = task(*arguments, return_state=True)
    result = state.result()
    if usable is not None and not usable(result):
        return task.with_options(refresh_cache=True)(*arguments)
    say_cached(task.name, state)
    return result


def say_cached(step, state):
    """Tell whoever watches that a step was not repeated."""
    if state.name == "Cached":
        log.info("%s: nothing it depends on changed, not repeated", step)
