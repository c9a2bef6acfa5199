"""Several workers on one port, and the process that looks after them."""

from uvicorn import Config
from uvicorn.supervisors import Multiprocess


class Workers(Multiprocess):
    """Uvicorn's, which lets the port go before it tells the workers to end.

    It would keep it open until the last one has ended, and callers would be taken on whom nobody answers.
    """

    def terminate_all(self):
        for one in self.sockets:
            one.close()
        super().terminate_all()


def run_workers(app, **options):
    """Run `workers` processes of an application (an import string) until told to stop."""
    config = Config(app, **options)
    Workers(config, sockets=[config.bind_socket()]).run()
