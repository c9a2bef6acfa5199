"""Use the seconds in which the temporary Prefect API starts: import what is heavy and read the table."""

import threading


def warm(model, *, as_of=None, algorithms=None, data=None, labelled=None, validating_only=False, check=None):
    """Import the libraries of a run and put its table on the shelf.

    check : called beside the reading; what it raises is raised here.
    A table that cannot be read is left to the step that reads it, where the error belongs.
    """
    from headgate.errors import HeadgateError
    from headgate.workspace import Workspace
    from tasks.run import open_job
    from tasks.table import frame_of

    refused = []
    imports = threading.Thread(target=_prepare, args=(check, refused, validating_only, Workspace.from_environment()),
                               daemon=True)
    imports.start()
    try:
        frame_of(open_job(model, as_of=as_of, algorithms=algorithms, data=data, labelled=labelled))
    except (HeadgateError, OSError):
        pass
    imports.join()
    if refused:
        raise refused[0]


def _prepare(check, refused, validating_only, workspace):
    """Call `check` and keep what it raises in `refused`; if it is content, import what is heavy."""
    try:
        if check is not None:
            check()
    except Exception as error:      # whatever it is, it belongs to the thread that waits
        refused.append(error)
        return
    _import_heavy(validating_only, workspace)


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
