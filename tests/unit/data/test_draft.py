"""A draft of model.yaml for tables that nobody has described."""

import json

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from headgate.commands.new import new, write_draft
from headgate.data import clean, coerce, read_table
from headgate.data.cleaning import outside_mask
from headgate.errors import SourceError, SpecError
from headgate.spec import load_spec
from headgate.spec.guess import guess, names_rows, widened
from headgate.workspace import Workspace

N = 400


def customers():
    random = np.random.default_rng(0)
    score = random.normal(size=N)
    table = pd.DataFrame({
        "": range(N), "Customer ID": [f"C{i:05d}" for i in range(N)], "age": random.integers(18, 80, N),
        "monthly.bill": np.where(random.random(N) < 0.05, np.nan, random.gamma(2, 30, N)).round(2),
        "größe (cm)": (170 + 10 * score).round(1), "zip": [f"0{i}" for i in random.integers(1000, 1040, N)],
        "yes or no": random.choice(["yes", "no"], N), "flag": random.choice([True, False], N),
        "plan": random.choice(["on", "off", "a: b # c", "null", "~"], N), "stars": random.integers(0, 5, N),
        "joined": pd.date_range("2020-01-01", periods=N, freq="h").strftime("%Y-%m-%d %H:%M"),
        "note": [f"some text {i % 300}" for i in range(N)], "const": "same", "empty": np.nan,
        "mostly": np.where(random.random(N) < 0.8, np.nan, random.random(N)), "dirty": ["12"] * (N - 3) + ["x"] * 3,
        "on": random.random(N), "y": random.random(N), "# odd: [\"name\"]\n": random.random(N), "😀": random.random(N)})
    table.loc[7, "dirty"] = "13"
    return table.assign(left=np.where(score > 0, "yes", "no"))


@pytest.fixture
def root(tmp_path):
    return Workspace.from_environment({}, tmp_path)


def drafted(root, table, target="left", name="mine", ending="csv", **options):
    path = root.root / f"table.{ending}"
    getattr(table, f"to_{ending}")(path, index=False)
    written, made = write_draft(root, name, str(path), target, **options)
    return load_spec(written.parent), made, written


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_draft_of_an_odd_table_reads_it_without_a_complaint(root, ending):
    table = customers()
    table = table.assign(dirty=table["dirty"].astype(str))
    spec, made, path = drafted(root, table, ending=ending)
    done = coerce(read_table(spec, path.parent).frame, spec)
    cleaned = clean(done.frame, spec)
    assert done.unconvertible == {} and done.missing == () and cleaned.reasons == {} and len(cleaned.frame) == N
    assert not any(outside_mask(cleaned.frame[column.name], column).any() for column in spec.columns)
    kinds = {column.name: column.kind for column in spec.columns}
    assert kinds == {"age": "integer", "monthly.bill": "number", "größe (cm)": "number", "zip": "category",
                     "yes or no": "boolean", "flag": "boolean", "plan": "category", "stars": "integer",
                     "mostly": "number", "on": "number", "y": "number", '# odd: ["name"]\n': "number", "😀": "number"}
    assert set(made.left_out) == {"", "Customer ID", "joined", "note", "const", "empty", "dirty"}


def test_the_draft_says_what_a_person_should_look_at(root):
    spec, made, path = drafted(root, customers())
    text = path.read_text(encoding="utf-8")
    assert spec.data.key == ["Customer ID"]
    assert spec.target.classes == ["no", "yes"]
    assert spec.column("zip").unknown == "treat_as_unknown" and spec.column("plan").unknown == "reject"
    assert spec.column("monthly.bill").nullable and not spec.column("age").nullable
    assert spec.column("mostly").max_null_share >= 0.85
    assert "# time_column: joined" in text and "note: it is free text" in text
    assert any("time_column" in note for note in made.notes)


def test_a_path_in_the_checkout_is_relative_and_any_other_absolute(root, tmp_path_factory):
    spec, _, _ = drafted(root, customers())
    assert spec.data.source.csv == "../../table.csv"
    outside = tmp_path_factory.mktemp("elsewhere") / "t.csv"
    customers().to_csv(outside, index=False)
    path, _ = write_draft(root, "other", str(outside), "left")
    assert load_spec(path.parent).data.source.csv == outside.as_posix()


def test_nothing_is_overwritten(root):
    _, _, path = drafted(root, customers())
    before = path.read_text(encoding="utf-8")
    with pytest.raises(SpecError, match="exists already"):
        drafted(root, customers(), target="flag")
    assert path.read_text(encoding="utf-8") == before
    assert [item.name for item in path.parent.iterdir()] == ["model.yaml"]


@pytest.mark.parametrize("values, classes", [
    ([0, 1], ["0", "1"]), ([1, 0, 0], ["0", "1"]), ([1.0, 2.0, 3.0], ["1", "2", "3"]),
    ([True, False], ["False", "True"]),
    (["a", "b", "b"], ["b", "a"]), (["no", "yes", "yes"], ["no", "yes"]), ([10, 9, 2], ["2", "9", "10"]),
    (["no", "off"], ["no", "off"]), (["1.50", "2.50"], ["1.50", "2.50"])])
def test_classes_are_listed_in_order_the_positive_one_last(root, values, classes):
    target = np.resize(np.array(values, dtype=object), N)
    spec, _, path = drafted(root, customers().assign(left=target))
    assert spec.target.classes == classes
    assert set(coerce(read_table(spec, path.parent).frame, spec).frame["left"]) == set(classes)


def test_rare_classes_and_rows_without_an_answer_are_kept_out_by_a_stated_rule(root):
    target = ["a", "b"] * (N // 2)
    target[0], target[1], target[2] = "rare", None, "rarer"
    spec, made, path = drafted(root, customers().assign(left=target))
    reading = read_table(spec, path.parent)
    assert sorted(spec.target.classes) == ["a", "b"] and sum(reading.dropped.values()) == 3
    assert any("rare" in note for note in made.notes)
    target[0] = target[2] = "a"
    spec, _, path = drafted(root, customers().assign(left=target), name="second")
    assert sum(read_table(spec, path.parent).dropped.values()) == 1


def test_rows_that_repeat_are_allowed_for_and_said(root):
    table = customers()[["age", "stars", "left"]]
    table = pd.concat([table, table[:100]], ignore_index=True)
    spec, _, path = drafted(root, table)
    assert len(clean(coerce(read_table(spec, path.parent).frame, spec).frame, spec).frame) < 500
    assert "repeat another one" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("table, target, message", [
    (customers(), "monthly.bill", "quantity"), (customers(), "note", "no class"), (customers(), "const", "1 value"),
    (customers(), "empty", "no value"), (customers(), "lefft", "no column 'lefft'"),
    (customers()[["const", "empty", "left"]], "left", "No column is left"),
    (pd.DataFrame({"a": ["x", "y"] * 200, "left": ["p", "q"] * 200}), "left", "Only 2 of 400 rows differ"),
    (customers().assign(left=[f"c{i}" for i in range(25)] * 16).iloc[:60], "left", "fewer than two classes")])
def test_a_target_that_cannot_be_learnt_is_explained(root, table, target, message):
    with pytest.raises(SpecError, match=message):
        drafted(root, table, target=target)
    assert not (root.root / "models").exists()


def test_a_table_that_cannot_be_read_leaves_no_folder(root, tmp_path):
    (tmp_path / "twice.csv").write_text("a,a,b\n1,2,3\n")
    with pytest.raises(SourceError, match="more than one column called 'a'"):
        write_draft(root, "mine", str(tmp_path / "twice.csv"), "b")
    with pytest.raises(SourceError, match="no file"):
        write_draft(root, "mine", str(tmp_path / "none.csv"), "b")
    with pytest.raises(SpecError, match="lower-case"):
        write_draft(root, "My Model", str(tmp_path / "twice.csv"), "b")
    assert not (tmp_path / "models").exists()


def test_the_command_ends_with_one_json_object(root, monkeypatch):
    table = customers()[["age", "flag", "left"]]
    table.to_csv(root.root / "table.csv", index=False, sep=";", encoding="latin-1")
    monkeypatch.setenv("HEADGATE_ROOT", str(root.root))
    monkeypatch.chdir(root.root)
    app = typer.Typer()
    app.command()(new)
    arguments = ["mine", "--from", "table.csv", "--target", "left", "--separator", ";", "--encoding", "latin-1",
                 "--json"]
    done = CliRunner().invoke(app, arguments)
    answer = json.loads(done.stdout.splitlines()[-1])
    assert done.exit_code == 0 and answer["columns"] == ["age", "flag"]
    source = load_spec(root.root / "models" / "mine").data.source
    assert (source.separator, source.encoding) == (";", "latin-1")
    assert CliRunner().invoke(app, arguments).exit_code == 2


@pytest.mark.parametrize("low, high, whole, expected", [
    (0, 4, True, (0, 5)), (18, 79, True, (0, 100)), (-5, -1, False, (-6, 0)), (0.0, 1.0, False, (0, 1.3)),
    (5, 5, True, (3, 7)), (1e-9, 2e-9, False, (7e-10, 2.3e-9)), (-3, 3, True, (-5, 5))])
def test_ranges_are_widened_but_never_across_zero(low, high, whole, expected):
    assert widened(low, high, whole) == pytest.approx(expected)


@pytest.mark.parametrize("name, answer", [
    ("id", True), ("ID", True), ("CustomerID", True), ("customer_id", True), ("Unnamed: 0", True), ("", True),
    ("order no", True), ("paid", False), ("identity", False), ("volcano", False), ("age", False)])
def test_names_of_columns_that_name_rows(name, answer):
    assert names_rows(name) is answer


@pytest.mark.parametrize("values, kind", [
    (["1", "2", "2"], "integer"), (["0", "1", "1"], "boolean"), (["007", "012", "012"], "category"),
    (["1e3", "2.5", "2.5"], "number"), (["2013-01-01", "2013-01-02", None], "time"), (["x", "x", None], "out"),
    (["31/12/2013", "01/01/2014", "1/2/2014"], "out"), (["4 Jan 2013", "12 February 2013"], "out"),
    ([None, " "], "out"), (["3,5", "2,5", "2,5"], "category"), (["inf", "1", "2"] + ["3"] * 60, "out")])
def test_kinds(values, kind):
    assert guess(pd.Series(values, name="x", dtype="str")).kind == kind
