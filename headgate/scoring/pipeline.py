"""Work on items in several threads, in order, with only a few of them in memory."""

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor

MOST = 8        # one reader cannot keep more of them busy


def cores():
    """Return how many threads may score at once."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, MOST))


def in_order(function, items, workers):
    """Yield function(item) for each of `items`, in their order; at most `workers` + 1 are in work or waiting.

    Items are taken in the thread that asks, while the workers work. What an item or a call raises is raised here.
    """
    waiting = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="score") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                while waiting and (len(waiting) > workers or waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
