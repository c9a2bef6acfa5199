"""The dashboard, the alert rules and docs/operations.md name metrics that there are, with the labels that they have."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import Counter, Histogram

from api.behind.metrics import make_metrics

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD, ALERTS = ROOT / "deployments/grafana/headgate.json", ROOT / "deployments/grafana/alerts.yaml"
OPERATIONS = ROOT / "docs/operations.md"
OF_PROMETHEUS = {"job", "instance"}
METRIC = re.compile(r"\b(headgate_[a-z_]+)(?:\{([^}]*)\})?")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
MATCHER = re.compile(r'([a-zA-Z_]+)\s*(?:=~|!~|!=|=)\s*"')
OTHERS = {"up"}


def exported():
    """Return name -> labels of every series, with _total, _bucket, _sum and _count."""
    found = {}
    for metric in vars(make_metrics()).values():
        if hasattr(metric, "_labelnames"):
            name, labels = metric._name, set(metric._labelnames)
            if isinstance(metric, Histogram):
                found |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
            else:
                found[f"{name}_total" if isinstance(metric, Counter) else name] = labels
    return found


def panels():
    return [one for one in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"] if one["type"] != "row"]


def expressions():
    """Return (where, expression, labels that its text shows), of every panel, variable and rule."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = [(one["title"], target["expr"], set(re.findall(r"{{(\w+)}}", target["legendFormat"])))
             for one in panels() for target in one["targets"]]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
            found.append((f"${variable['name']}", metric, {label}))
    for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            found.append((rule["alert"], rule["expr"], set(re.findall(r"\$labels\.(\w+)", json.dumps(rule)))))
    return found


@pytest.mark.parametrize("where, expression, shown", expressions(), ids=[one[0] for one in expressions()])
def test_an_expression_asks_for_what_is_exported(where, expression, shown):
    metrics, series = METRIC.findall(expression), exported()
    assert metrics or set(re.findall(r"^\w+", expression)) <= OTHERS
    known = set(OF_PROMETHEUS)
    for name, matchers in metrics:
        assert name in series, f"{where}: there is no {name}"
        assert set(MATCHER.findall(matchers)) <= series[name] | OF_PROMETHEUS, f"{where}: {name}{{{matchers}}}"
        known |= series[name]
    grouped = {label.strip() for labels in GROUPING.findall(expression) for label in labels.split(",") if label.strip()}
    assert grouped | shown <= known, where
    if grouped:
        assert shown <= grouped | OF_PROMETHEUS, f"{where}: a label that was summed away is shown"


def test_every_metric_is_on_the_dashboard():
    asked = {name for one in panels() for target in one["targets"] for name, _ in METRIC.findall(target["expr"])}
    assert asked == set(exported())


def test_the_dashboard_can_be_imported():
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    places = [(place["x"], place["y"]) for place in (one["gridPos"] for one in dashboard["panels"])]
    assert dashboard["schemaVersion"] == 41 and len({one["id"] for one in dashboard["panels"]}) == len(places)
    assert len(set(places)) == len(places) and all(one["gridPos"]["x"] + one["gridPos"]["w"] <= 24 for one in panels())
    assert {one["datasource"]["uid"] for one in panels()} == {"${datasource}"}
    assert "datasource" in [one["type"] for one in dashboard["templating"]["list"]]


def test_operations_tells_every_metric_with_its_labels():
    lines = re.findall(r"^\| `(headgate_\w+)` \|([^|]*)\|", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)
    told = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in lines}
    wanted = {re.sub("_bucket$", "", name): labels - {"le"} for name, labels in exported().items()
              if not name.endswith(("_sum", "_count"))}
    assert told == wanted


def test_operations_tells_every_alert():
    rules = [rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
    told = re.findall(r"`(Headgate\w+)`", OPERATIONS.read_text(encoding="utf-8"))
    assert set(told) == {one["alert"] for one in rules}
    assert all(one["annotations"]["summary"] and one["labels"]["severity"] for one in rules)
