"""What each worker process runs."""

import ctypes
import gc
import signal
import sys

from api.logs import set_up
from api.settings import Settings

PR_SET_PDEATHSIG = 1
TURN = 0.0001       # seconds after which a thread behind the answers gives way to them
YOUNG = 50_000      # objects before the youngest are looked through: a batch makes ten thousand that live a moment


def end_with_parent():
    """Have the system stop this worker when the process that started it is gone (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def make():
    """Return the application of one worker."""
    from api.app import create_app
    settings = Settings()
    if settings.workers > 1:
        end_with_parent()
    set_up(settings.log_level)
    app = create_app(settings)
    sys.setswitchinterval(TURN)
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
    return app
