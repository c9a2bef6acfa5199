"""Unpack one artifact by its name, or all that match a pattern, where the real action does.

Several get folders of their names, unless merged; one alone never does, also where it is the only one of a pattern.
"""

import fnmatch
import os
import sys
import zipfile
from pathlib import Path

name, store, folder = os.environ["NAME"], Path(os.environ["STAND_IN_ARTIFACTS"]), Path(os.environ["FOLDER"])
kept = sorted(store.glob("*.zip"))
found = [path for path in kept if (path.stem == name if name else fnmatch.fnmatch(path.stem, os.environ["PATTERN"]))]
if name and not found:
    sys.exit(f"there is no artifact {name}; there are {[path.stem for path in kept]}")
for path in found:
    target = folder if len(found) == 1 or os.environ["MERGE"] == "true" else folder / path.stem
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(target)
