"""Zip the files of an artifact. Its root is what all of its paths have in common, as with the real action."""

import glob
import hashlib
import os
import sys
import zipfile
from pathlib import Path

name, store = os.environ["NAME"], Path(os.environ["STAND_IN_ARTIFACTS"])
wanted = [line.strip() for line in os.environ["WANTED"].splitlines() if line.strip()]
found = [Path(path).resolve() for line in wanted for path in sorted(glob.glob(line, recursive=True))]
files = [one for path in found for one in ([path] if path.is_file() else sorted(path.rglob("*"))) if one.is_file()]
if any(character in name for character in '/\\":<>|*?\r\n'):
    sys.exit(f"the artifact's name {name!r} has a character that is not allowed")
if not files:
    print(f"no files were found for {wanted}")
    sys.exit(1 if os.environ["NO_FILES"] == "error" else 0)
folders = [path if path.is_dir() else path.parent for path in found]
root = Path(os.path.commonpath(folders))
store.mkdir(parents=True, exist_ok=True)
target = store / f"{name}.zip"
if target.exists() and os.environ["OVERWRITE"] != "true":
    sys.exit(f"an artifact of the name {name} exists already")
with zipfile.ZipFile(target, "w") as archive:
    for path in files:
        archive.write(path, path.relative_to(root).as_posix())
with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as outputs:
    outputs.write(f"artifact-digest={hashlib.sha256(target.read_bytes()).hexdigest()}\n")
