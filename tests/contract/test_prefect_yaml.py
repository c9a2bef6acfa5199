"""prefect.yaml deploys every flow, by functions that there are, with parameters that they have."""

import ast
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
DEPLOYMENTS = {one["name"]: one for one in DOCUMENT["deployments"]}


def find_flows(path):
    """Return name of a flow -> its function, of the decorated functions of a file; nothing is imported."""
    return {keyword.value.value: function for function in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(function, ast.FunctionDef) for decorator in function.decorator_list
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "flow"
            for keyword in decorator.keywords if keyword.arg == "name"}


def stated(deployment):
    """Yield every mapping of parameters that starts a run: its own, its schedules' and its triggers'."""
    yield deployment.get("parameters", {})
    for one in (*deployment.get("schedules", ()), *deployment.get("triggers", ())):
        yield one.get("parameters", {})


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_says_its_schedules_or_prefect_would_ask_for_them_in_a_terminal(name):
    assert isinstance(DEPLOYMENTS[name].get("schedules"), list)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_names_a_flow_and_parameters_of_it(name):
    module, function = DEPLOYMENTS[name]["entrypoint"].rsplit(".", 1)
    found = find_flows(ROOT / f"{module.replace('.', '/')}.py")
    assert found[name].name == function, f"{name} is the flow of another function"
    taken = found[name].args
    needed = {one.arg for one in taken.args[:len(taken.args) - len(taken.defaults)]}
    for parameters in stated(DEPLOYMENTS[name]):
        assert set(parameters) <= {one.arg for one in (*taken.args, *taken.kwonlyargs)}
    assert needed <= set(DEPLOYMENTS[name].get("parameters", {}))


def test_every_flow_is_deployed_once():
    flows = [name for path in sorted((ROOT / "flows").glob("*.py")) for name in find_flows(path)]
    assert sorted(flows) == sorted(one["name"] for one in DOCUMENT["deployments"])
