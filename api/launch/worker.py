"""What each worker process runs."""

import gc
import sys

from api.logs import set_up
from api.settings import Settings

TURN = 0.0005       # seconds after which a thread behind the answers gives way to them
YOUNG = 50_000      # objects before the youngest are looked through: a batch makes ten thousand that live a moment


def make():
    """Return the application of one worker."""
    from api.app import create_app
    settings = Settings()
    set_up(settings.log_level)
    app = create_app(settings)
    sys.setswitchinterval(TURN)
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
    return app
