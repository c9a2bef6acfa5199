"""Use the seconds in which the temporary Prefect API starts: import what is heavy and read the table."""

import threading


def warm(model, *, as_of=None, algorithms=None, data=None, validating_only=False):
    """Import the libraries of a run and put its table on the shelf.

    A table that cannot be read is left to the step that reads it, where the error belongs.
    """
    from headgate.errors import HeadgateError
    from headgate.workspace import Workspace
    from tasks.run import open_job
    from tasks.table import frame_of

    imports = threading.Thread(target=_import_heavy, args=(validating_only, Workspace.from_environment()), daemon=True)
    imports.start()
    try:
        frame_of(open_job(model, as_of=as_of, algorithms=algorithms, data=data))
    except (HeadgateError, OSError):
        pass
    imports.join()


def _import_heavy(validating_only, workspace):
    from headgate.validation.expectations import preload

    preload()
    if not validating_only:
        import tasks.candidates  # noqa: F401
        from headgate.graph.convert import preload as preload_converters

        preload_converters()
        _open_registry(workspace)


def _open_registry(workspace):
    """Import MLflow and let it make its tables; a registry that is away is told by the step that needs it."""
    from headgate.errors import HeadgateError
    from headgate.registry import mlflow_store

    try:
        mlflow_store.prepare(workspace)
    except HeadgateError:
        return
