"""Every model folder in this checkout parses; a checkout without any is fine too."""

from pathlib import Path

from headgate.spec import list_models, load_spec

ROOT = Path(__file__).resolve().parents[2]


def test_every_model_folder_parses():
    specs = {name: load_spec(ROOT / "models" / name) for name in list_models(ROOT)}
    assert all(spec.name == name for name, spec in specs.items())
