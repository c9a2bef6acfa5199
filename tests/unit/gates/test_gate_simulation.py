"""The simulation under benchmarks/ runs, and its aims hold with few draws too."""

import importlib.util
import json
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3] / "benchmarks" / "gates.py"


def test_the_simulation_meets_its_aims_and_ends_with_json(capsys):
    spec = importlib.util.spec_from_file_location("simulation", SOURCE)
    simulation = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(simulation)
    assert simulation.main(["--draws", "4000", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [aim["met"] for aim in found["aims"]] == [True] * 4
    assert {size["disagreement"]: 0.9 < size["rows"] / size["formula"] < 1.1 for size in found["equal_from"]} \
        == {rate: True for rate in simulation.DISAGREEMENTS}
