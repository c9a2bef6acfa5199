"""A virtual environment for each peer, made once and kept; the versions are those that work together on Python 3.11.

What a pickled forest or a graph depends on is taken in the versions installed here, so that every server serves the
same model. BentoML 1.4.40 asks for a certifi that pip does not find, so 1.4.39 it is.
"""

import hashlib
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

FOREST = ("numpy", "pandas", "scikit-learn", "scipy", "joblib", "cloudpickle")
REQUIREMENTS = {
    "plain": ("fastapi==0.150.0", "uvicorn==0.54.0", "uvloop==0.22.1", "httptools==0.9.0", "pydantic==2.14.3",
              "orjson==3.13.0", "onnxruntime", *FOREST),
    "mlflow": ("mlflow", "uvloop==0.22.1", "httptools==0.9.0", *FOREST),
    "mlserver": ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", *FOREST),
    "bentoml": ("bentoml==1.4.39", "uvloop==0.22.1", "httptools==0.9.0", *FOREST),
}


class NotInstallable(Exception):
    """An environment could not be made; the message is pip's."""


def environment(name, cache):
    """Return the interpreter of the environment `name`, made under `cache`/venvs if it is not there.

    Raises NotInstallable with the end of what pip said.
    """
    wanted = pinned(REQUIREMENTS[name])
    key = hashlib.sha256("\n".join((sys.version, *wanted)).encode()).hexdigest()[:8]
    folder = cache / "venvs" / f"{name}-{key}"
    interpreter = folder / "bin" / "python"
    if not (folder / "complete").is_file():
        print(f"making a virtual environment for {name}", file=sys.stderr)
        _run(name, sys.executable, "-m", "venv", "--clear", folder)
        _run(name, interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted)
        (folder / "complete").write_text("\n".join(wanted) + "\n", encoding="utf-8")
    return interpreter


def pinned(requirements):
    """Return requirements of which those without a version have the one installed here."""
    return [one if "==" in one else f"{one}=={_here(one)}" for one in requirements]


def _here(package):
    try:
        return version(package)
    except PackageNotFoundError:
        raise SystemExit(f"{package} is not installed here: pip install -r requirements.txt") from None


def _run(name, *command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise NotInstallable(f"no environment for {name}: {said[-1][:600] if said else done.returncode}")
