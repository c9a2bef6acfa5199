"""A folder of bundles with a roles.json; needs neither MLflow nor a network."""

import os
from pathlib import Path

from api.sources.wanted import CHAMPION, Listing, Wanted, check_champions
from headgate.bundle.roles import ROLES, read_roles, roll_back


class FolderSource:
    """Reads `folder`/roles.json."""

    kind = "folder"

    def __init__(self, folder, alias=CHAMPION):
        self.folder, self.alias = Path(folder).resolve(), alias

    def describe(self):
        """Return what /health says of the source."""
        return {"kind": self.kind, "place": str(self.folder), "alias": self.alias}

    def listing(self):
        """Return the Listing; raise RegistryError when there is no usable roles.json."""
        roles = read_roles(self.folder)
        wanted = tuple(self._wanted(model, role, places[role]) for model, places in sorted(roles.models.items())
                       for role in (self.alias if self.alias in places else CHAMPION,) if role in places)
        return Listing(wanted, roles.default)

    def hurry(self):
        """It is read afresh each time."""

    def close(self):
        """Nothing is kept open."""

    def roll_back(self, model, actor):
        """Make `previous` the champion again in roles.json."""
        check_champions(self.alias)
        roll_back(self.folder, model)

    def _wanted(self, model, role, place):
        trouble = ""
        try:
            folder = (self.folder / place.bundle).resolve()
            if os.path.islink(folder):      # Python before 3.13 raises where links lead in a circle
                raise OSError("a loop of links")
            if not folder.is_relative_to(self.folder):
                trouble = f"{ROLES} names a bundle outside of its folder: {place.bundle[:80]!r}."
        except (OSError, ValueError, RuntimeError) as error:
            folder, trouble = self.folder, f"{ROLES} names what is no folder: {place.bundle[:80]!r} ({error})."
        return Wanted(model, role, place.version or "", folder, place.digest or "", trouble)
