"""Which source the settings mean."""

from api.sources.folder import FolderSource
from headgate.errors import HeadgateError
from headgate.registry.embedded import database_file


def choose_source(settings, workspace):
    """Return the source: the folder of bundles when one is set, else the registry of the workspace."""
    if settings.bundles is not None:
        if not settings.bundles.is_dir():
            raise HeadgateError("There is no folder of bundles.", value=settings.bundles,
                                remedy="Write one: python -m headgate export NAME FOLDER/NAME --role champion.")
        return FolderSource(settings.bundles, settings.alias)
    if database_file(workspace.tracking_uri) is not None:
        from api.sources.registry import RegistrySource
        return RegistrySource(workspace, settings.alias)
    from api.sources.mirror import MirrorSource
    return MirrorSource(workspace, settings.poll_seconds, settings.alias)
