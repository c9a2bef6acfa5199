"""Make an empty registry as it was elsewhere: the same numbers, digests, aliases and ledger."""

from headgate import ledger
from headgate.bundle.golden import check_golden
from headgate.errors import RegistryError
from headgate.lock import REGISTRY, model_lock
from headgate.registry import mlflow_store, read, register
from headgate.registry.connection import remote

PATIENCE = 60


def restore(workspace, carried):
    """Register what was carried, under the numbers it had; the ledger comes with it, and nothing is added to it.

    A place that is already as carried stays so. Raises RegistryError for one that has other versions of the model,
    or that is a server, which keeps its own; BundleBroken for golden rows that are not reproduced.
    """
    if remote(workspace):
        raise RegistryError("A registry on a server keeps its own state.", value="MLFLOW_TRACKING_URI",
                            remedy="Leave `headgate state` out where a server is used.")
    with model_lock(workspace, carried.model, purpose=REGISTRY, timeout=PATIENCE):
        if _same(workspace, carried):
            return
        _check_empty(workspace, carried.model)
        for one in carried.kept:
            check_golden(one.folder)
        kept = {int(one.version): one for one in carried.kept}
        with mlflow_store.connect(workspace) as client:
            for number in range(1, carried.last + 1):
                _bring(client, workspace, carried.model, number, kept.get(number))
            ledger.restore(workspace, carried.model, carried.entries)
            for one in carried.kept:
                for alias in one.aliases:
                    mlflow_store.set_alias(client, carried.model, alias, one.version)


def _same(workspace, carried):
    there = {(one.version, one.digest, one.aliases) for one in read.list_versions(workspace, carried.model)
             if one.aliases}
    return bool(there) and there == {(one.version, one.digest, one.aliases) for one in carried.kept} \
        and ledger.entries(workspace, carried.model) == carried.entries


def _check_empty(workspace, model):
    versions = read.list_versions(workspace, model, half_made=True)
    if versions or ledger.entries(workspace, model):
        raise RegistryError(f"This place has a history of {model!r} of its own, which is not the carried one.",
                            value=f"{len(versions)} versions", limit="none",
                            remedy="Pull into an empty state directory: set HEADGATE_HOME.")


def _bring(client, workspace, model, number, kept):
    """Give `number` to its bundle; a number whose version is not carried is given to nothing."""
    if kept is None:
        mlflow_store.skip_version(client, model)
    else:
        version = register.bring(client, workspace, kept.folder, model, kept.digest)
        if version.version != str(number):
            raise RegistryError(f"Version {number} of {model!r} got another number.", value=version.version)
