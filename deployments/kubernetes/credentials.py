"""What kubectl logs in with, where a step is given it as the text of a secret and not as a file."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

TEXT, FILE = "KUBECONFIG_TEXT", "KUBECONFIG"


@contextmanager
def credentials(environment):
    """Let KUBECONFIG name a file with KUBECONFIG_TEXT, if that is set; it is its owner's alone, and gone afterwards.

    An empty text is a file without a cluster, so that a secret that is not there is not made up for by any other.
    """
    text = environment.pop(TEXT, None)
    if text is None:
        yield
        return
    before = environment.get(FILE)
    with tempfile.TemporaryDirectory(prefix="headgate-cluster-") as folder:     # for its owner alone
        path = Path(folder) / "kubeconfig"
        path.write_text(text, encoding="utf-8")
        environment[FILE] = str(path)
        try:
            yield
        finally:
            environment.pop(FILE) if before is None else environment.update({FILE: before})
