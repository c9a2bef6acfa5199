"""What each channel was last told about each topic of a model, so that it is told of changes alone."""

import json
from contextlib import contextmanager

from filelock import FileLock

from headgate.training.record import write_json

SECONDS = 30


@contextmanager
def remembering(workspace, model):
    """Yield a Memory of `model` for one process at a time; it is on disk when the block ends, also by an error."""
    path = workspace.home / "notices" / f"{model}.json"
    workspace.locks.mkdir(parents=True, exist_ok=True)
    with FileLock(workspace.locks / f"{model}.notices.lock", timeout=SECONDS):
        memory = Memory(_read(path))
        try:
            yield memory
        finally:
            if memory.changed:
                write_json(path, memory.told)


class Memory:
    """told : {topic: {channel: state}}."""

    def __init__(self, told):
        self.told, self.changed = told, False

    def is_news(self, channel, notice):
        """True when that channel was told something else, or nothing yet of what is wrong."""
        before = self.told.get(notice.topic, {}).get(channel)
        return before != notice.state and not (before is None and notice.sort.clear)

    def keep(self, channel, notice):
        if self.told.get(notice.topic, {}).get(channel) != notice.state:
            self.told.setdefault(notice.topic, {})[channel] = notice.state
            self.changed = True


def _read(path):
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):     # told again is better than never told
        return {}
    return {topic: told for topic, told in document.items() if isinstance(told, dict)} \
        if isinstance(document, dict) else {}
