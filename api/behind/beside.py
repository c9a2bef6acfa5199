"""The writer of the prediction log in a thread of the process that answers: less memory, and slower answers."""

import threading

from api.behind.writer import Writer


class Beside:
    """told, name : see Writer. pages : unused; a thread does not end before its process."""

    def __init__(self, workspace, told, name, pages):
        self._writer = Writer(workspace, told, name)
        self.send = self._writer.add
        self._thread = threading.Thread(target=self._writer.run, name="log writer", daemon=True)

    def start(self):
        self._thread.start()

    def close(self, seconds):
        """End within `seconds`."""
        self._writer.stop()
        self._thread.join(seconds)
