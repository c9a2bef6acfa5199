"""A model.yaml that cannot be used says what is wrong, where, and what the nearest right thing is."""

import json
from datetime import date

import pytest
import yaml
from typer.testing import CliRunner

from headgate.commands.app import app
from headgate.data.places import locate
from headgate.errors import SpecError
from headgate.spec import ModelSpec, find_model, list_models, load_spec, spec_digest
from headgate.training.request import choose_algorithms

GOOD = """
name: shop
data:
  source: {csv: shop.csv}
  holdout: {share: 0.2}
columns:
  - {name: price, kind: number, range: [0, 10]}
  - {name: visits, kind: integer, nullable: true}
  - {name: colour, kind: category, categories: [amber, blue]}
target:
  column: bought
  classes: ["no", "yes"]
algorithms: [logistic_regression]
"""
CASES = {
    "unknown key": ("holdout:", "holdot:", ["data.holdot: unknown key", "Did you mean 'holdout'?"]),
    "unknown key of a column": ("nullable: true", "nulable: true",
                                ["columns['visits'].nulable: unknown key", "Did you mean 'nullable'?"]),
    "unknown key at the top": ("target:", "tarket:", ["tarket: unknown key. Did you mean 'target'?"]),
    "unknown key without a neighbour": ("holdout:", "zzz:", ["data.zzz: unknown key"]),
    "wrong kind": ("kind: integer", "kind: interger",
                   ["columns['visits'].kind: seen 'interger'", "number, integer, boolean, category, datetime",
                    "Did you mean 'integer'?"]),
    "one mark for two things": ("{csv: shop.csv}", "{csv: shop.csv, decimal: ',', thousands: ','}",
                                ["data.source", "decimal and thousands are both ','"]),
    "a mark that is none": ("{csv: shop.csv}", "{csv: shop.csv, decimal: ;}",
                            ["data.source.decimal: seen ';'", "'.' or ','"]),
    "impossible range": ("[0, 10]", "[10, 0]", ["'price'", "impossible range [10.0, 0.0]", "smaller than the second"]),
    "a range of one point": ("[0, 10]", "[10, 10]", ["'price'", "impossible range [10.0, 10.0]"]),
    "a range that is no number": ("[0, 10]", "[low, 10]",
                                  ["columns['price'].range: must be two numbers [low, high]", "seen ['low', 10]"]),
    "a range of one number": ("[0, 10]", "[10]", ["columns['price'].range: must be two numbers [low, high]",
                                                  "seen [10]"]),
    "a range without ends": ("[0, 10]", "[-.inf, .inf]", ["columns['price'].range", "leave the range out"]),
    "a range of truths": ("[0, 10]", "[true, false]", ["columns['price'].range: must be two numbers"]),
    "a column without a name": ("name: price, ", "", ["columns.0.name: Field required"]),
    "a category that is nothing": ("[amber, blue]", "[amber, null]", ["columns['colour'].categories: seen null"]),
    "a class that is nothing": ('["no", "yes"]', '["no", ~]', ["target.classes: seen null", "quote it"]),
    "a category that is a list": ("[amber, blue]", "[amber, [blue]]", ["columns['colour'].categories", "['blue']"]),
    "a negative weight": ("column: bought", "column: bought\n  class_weight: {yes: -1}",
                          ["target.class_weight: must be balanced, or a number of at least 0", "-1 for 'yes'"]),
    "weights of nothing": ("column: bought", "column: bought\n  class_weight: {yes: 0, no: 0}",
                           ["target: class_weight must not be 0 for every class"]),
    "weights by another word": ("column: bought", "column: bought\n  class_weight: balance",
                                ["target.class_weight: must be balanced, or a number", "'balance'"]),
    "a weight without end": ("column: bought", "column: bought\n  class_weight: {yes: .inf}",
                             ["target.class_weight: must be balanced, or a number", "inf for 'yes'"]),
    "a threshold among three": ('["no", "yes"]', "[a, b, c]\n  threshold: 0.3",
                                ["a threshold of 0.3 needs two classes, not 3"]),
    "the same gate twice": ("target:", "gates: [{gate: accuracy, at_least: 0.8}, {gate: accuracy}]\ntarget:",
                            ["'accuracy' stated twice"]),
    "a variable that is not closed": ("csv: shop.csv", 'csv: "${NOPE"', ["data.source", "'${NOPE'", "write ${NOPE}"]),
    "a variable that is not closed before a path": ("csv: shop.csv", 'csv: "${NOPE/shop.csv"', ["write ${NOPE}"]),
    "a variable without a name": ("csv: shop.csv", 'csv: "${}/shop.csv"', ["'${}' is no variable"]),
    "a tag that does not fit": ("name: shop", "name: !!int shop", ["is not valid YAML", "does not fit its tag"]),
    "a key that can be none": ("name: shop", "[a]: 1\nname: shop", ["is not valid YAML", "cannot be a key"]),
    "a range of a category": ("categories: [amber, blue]", "categories: [amber, blue], range: [0, 1]",
                              ["'colour'", "only number and integer have a range"]),
    "a category without categories": (", categories: [amber, blue]", "", ["'colour'", "list its categories"]),
    "categories of a number": ("range: [0, 10]", "categories: [a]", ["'price'", "only a category has categories"]),
    "a category twice": ("[amber, blue]", "[amber, amber]", ["'colour' lists a category twice"]),
    "target among the columns": ("column: bought", "column: visits",
                                 ["the target is among the columns", "['visits']", "take it off the list"]),
    "the column a target is derived from among the columns": (
        "column: bought", "column: bought\n  derive: {column: price, at_least: 3}", ["['price']", "see the answer"]),
    "duplicate column": ("name: visits", "name: price", ["columns are listed twice: ['price']"]),
    "duplicate key": ("target:", "name: other\ntarget:", ["'name' is written twice", "line 10"]),
    "a class twice": ('["no", "yes"]', '["no", "no"]', ["lists a class twice"]),
    "one class": ('["no", "yes"]', '["no"]', ["target.classes", "at least 2 items"]),
    "a label of no class": ("column: bought", "column: bought\n  labels: {maybe: Maybe}",
                            ["labels or weights", "['maybe']"]),
    "unknown algorithm": ("[logistic_regression]", "[logistic_regresion]",
                          ["'logistic_regresion'", "Did you mean 'logistic_regression'?"]),
    "no algorithm": ("[logistic_regression]", "[]", ["algorithms", "at least 1 item"]),
    "no column": ("columns:\n", "columns: []\nslices:\n", ["columns", "at least 1 item"]),
    "two sources": ("{csv: shop.csv}", "{csv: shop.csv, parquet: shop.parquet}",
                    ["data.source", "exactly one of package, csv, parquet, sql", "['csv', 'parquet']"]),
    "no source": ("{csv: shop.csv}", "{}", ["data.source", "0 are named"]),
    "a packaged table without its file": ("{csv: shop.csv}", "{package: shop}", ["package and file belong together"]),
    "holdout days without a time column": ("{share: 0.2}", "{days: 30}", ["holdout.days needs data.time_column"]),
    "holdout share with a time column": ("holdout:", "time_column: day\n  holdout:", ["state holdout.days, not share"]),
    "a share of nothing": ("share: 0.2", "share: 0", ["data.holdout.share", "greater than 0"]),
    "as_of without a time column": ("holdout:", "as_of: 2026-01-01\n  holdout:", ["as_of needs data.time_column"]),
    "a window without a time column": ("holdout:", "window_days: 3\n  holdout:", ["need data.time_column"]),
    "an as_of that is no date": ("holdout:", "as_of: soon\n  holdout:", ["data.as_of", "'soon'"]),
    "a month that is none": ("holdout:", "time_column: day\n  as_of: 2013-13-01\n  holdout:",
                             ["data.as_of: must be a day of the calendar written YYYY-MM-DD", "seen '2013-13-01'"]),
    "a day that is none": ("holdout:", "time_column: day\n  as_of: 2024-02-30\n  holdout:",
                           ["data.as_of: must be", "'2024-02-30'"]),
    "a time for a day": ("holdout:", "time_column: day\n  as_of: 2024-02-03 10:00:00\n  holdout:",
                         ["data.as_of: must be", "'2024-02-03 10:00:00'"]),
    "a number for a day": ("holdout:", "time_column: day\n  as_of: 20240203\n  holdout:",
                           ["data.as_of: must be", "20240203"]),
    "a slice of a number": ("target:", "slices: [{column: price}]\ntarget:",
                            ["slice 'price' is no category or boolean"]),
    "a keep rule without a rule": ("holdout:", "keep: [{column: price, why: so}]\n  holdout:",
                                   ["data.keep.0", "at_least, at_most, one_of, not_null"]),
    "unknown gate": ("target:", "gates: [{gate: acuracy}]\ntarget:", ["gates.0", "acuracy", "accuracy"]),
    "unknown key of a gate": ("target:", "gates: [{gate: cost, max_miliseconds: 3}]\ntarget:",
                              ["max_miliseconds: unknown key", "Did you mean 'max_milliseconds'?"]),
    "a floor in percent": ("target:", "gates: [{gate: accuracy, at_least: 90}]\ntarget:",
                           ["at_least of accuracy", "0.9, not 90", "seen 90"]),
    "a rule over a column not listed": ("target:", "gates: [{gate: baseline, rule: {column: size, at_least: 1}}]\n"
                                        "target:", ["the baseline rule's column 'size' is not listed"]),
    "a name that is no folder's": ("name: shop", "name: Shop!", ["name", "'Shop!'"]),
    "another name than its folder's": ("name: shop", "name: store",
                                       ["name must be the folder's name", "store", "shop"]),
    "no mapping": (GOOD, "- a\n- list\n", ["must be a mapping", "list"]),
    "no YAML": ("target:", "target: [", ["is not valid YAML"]),
    "nothing": (GOOD, "", ["must be a mapping"]),
}
PARAMETERS = [
    ("{xgboost: {max_dept: 3}}", ["algorithms.xgboost: 'max_dept'", "Allowed: ", "Did you mean 'max_depth'?"]),
    ("{xgboost: {max_depth: -3}}", ["algorithms.xgboost.max_depth", "greater equal to 0", "Seen: -3"]),
    ("{xgboost: {gamma: -1}}", ["algorithms.xgboost.gamma cannot be used", "Seen: -1"]),
    ("{xgboost: {grow_policy: deep}}", ["algorithms.xgboost.grow_policy", "'depthwise', 'lossguide'"]),
    ("{xgboost: {n_estimators: 0}}", ["algorithms.xgboost.n_estimators", "from 1 up", "Seen: 0"]),
    ("{logistic_regression: {C: -1, tol: 0.1}}", ["algorithms.logistic_regression.C", "(0.0, inf]", "Seen: -1"]),
    ("{logistic_regression: {C: {low: 2, high: 1}}}", ["logistic_regression.C: low must be smaller than high"]),
    ("{logistic_regression: {C: {low: 1, hi: 2}}}", ["logistic_regression.C: a range has low, high", "mean 'high'?"]),
    ("{logistic_regression: {C: {lo: 1, hi: 2}}}", ["logistic_regression.C: a range has low, high", "mean 'low'?"]),
    ("{logistic_regression: {C: {low: 1, high: .inf}}}", ["low and high must be numbers"]),
    ("{logistic_regression: {C: []}}", ["logistic_regression.C: a list of choices must not be empty"]),
    ("{logistic_regression: {C: [1, -1]}}", ["algorithms.logistic_regression.C", "Seen: -1"]),
    ("{random_forest: {n_estimators: {low: 1.5, high: 4}}}", ["algorithms.random_forest.n_estimators", "Seen: 1.5"]),
    ("{hist_gradient_boosting: {learning_rate: fast}}", ["hist_gradient_boosting.learning_rate", "Seen: 'fast'"]),
    ("{neural_net: {hidden_layer_sizes: [[64, -2]]}}", ["neural_net.hidden_layer_sizes", "from 1 up", "[64, -2]"]),
    ("{xgboost: {max_dept: 3}, random_forest: {max_depth: 0}}", ["'max_dept'", "random_forest.max_depth"])]


def write(root, text, name="shop"):
    folder = root / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_named(tmp_path, case):
    before, after, told = CASES[case]
    assert GOOD.count(before) >= 1, "the case is about something that is there"
    folder = write(tmp_path, GOOD.replace(before, after, 1))
    with pytest.raises(SpecError) as caught:
        load_spec(folder)
    message = str(caught.value)
    assert str(folder / "model.yaml") in message, "the file is named"
    for part in told:
        assert part in message


def test_every_problem_is_told_at_once(tmp_path):
    folder = write(tmp_path, GOOD.replace("kind: number", "kind: numbr").replace("share: 0.2", "share: 2"))
    with pytest.raises(SpecError) as caught:
        load_spec(folder)
    assert "columns['price'].kind" in str(caught.value) and "data.holdout.share" in str(caught.value)


def test_a_day_that_is_none_is_told_in_one_line(tmp_path):
    folder = write(tmp_path, GOOD.replace("holdout:", "as_of: tomorrow\n  holdout:"))
    with pytest.raises(SpecError) as caught:
        load_spec(folder)
    assert len(str(caught.value).splitlines()) == 2, "the file, and the one thing that is wrong"


def test_a_day_may_be_quoted_or_not(tmp_path):
    timed = GOOD.replace("holdout: {share: 0.2}", "time_column: day\n  as_of: 2013-11-01")
    plain, quoted = [load_spec(write(tmp_path, timed.replace("2013-11-01", day)))
                     for day in ("2013-11-01", '"2013-11-01"')]
    assert plain.data.as_of == date(2013, 11, 1) and spec_digest(plain) == spec_digest(quoted)


def test_categories_and_classes_are_what_is_written(tmp_path):
    """Dates, postcodes and times of day would be other things to YAML 1.1."""
    written = ["2024-01-31", "2024-1-1", "02139", "12:30", "on", "3"]
    document = GOOD.replace("[amber, blue]", f"[{', '.join(written)}]").replace('["no", "yes"]', "[2024-01-01, 010]")
    spec = load_spec(write(tmp_path, document))
    assert spec.column("colour").categories == written and spec.target.classes == ["2024-01-01", "010"]


def test_weights_are_of_classes_as_text(tmp_path):
    spec = load_spec(write(tmp_path, GOOD.replace('["no", "yes"]', "[0, 1]\n  class_weight: {0: 1, 1: 2.5}")))
    assert spec.target.class_weight == {"0": 1, "1": 2.5}


def test_a_file_that_is_not_utf_8_or_not_there(tmp_path):
    folder = write(tmp_path, GOOD)
    (folder / "model.yaml").write_bytes(GOOD.replace("amber", "ambré").encode("latin-1"))
    with pytest.raises(SpecError, match="is not UTF-8"):
        load_spec(folder)
    (folder / "model.yaml").unlink()
    with pytest.raises(SpecError, match="does not exist.*headgate new"):
        load_spec(folder)


def test_an_unknown_model_is_told_the_nearest(tmp_path):
    write(tmp_path, GOOD)
    assert list_models(tmp_path) == ["shop"]
    with pytest.raises(SpecError, match="no model 'shpo'.*Did you mean 'shop'"):
        find_model(tmp_path, "shpo")
    with pytest.raises(SpecError, match="no model folder yet.*headgate new"):
        find_model(tmp_path / "elsewhere", "shop")


def test_an_algorithm_asked_for_is_known_or_told_the_nearest(tmp_path):
    spec = load_spec(write(tmp_path, GOOD))
    assert choose_algorithms(spec, None) == ("logistic_regression",)
    assert len(choose_algorithms(spec, ["all"])) == 5
    assert choose_algorithms(spec, ["xgboost", "random_forest", "xgboost"]) == ("xgboost", "random_forest")
    with pytest.raises(SpecError, match="'xgbost'.*Did you mean 'xgboost'"):
        choose_algorithms(spec, ["xgbost"])


def test_a_variable_is_asked_for_at_use_and_never_stored(tmp_path, monkeypatch):
    folder = write(tmp_path, GOOD.replace("{csv: shop.csv}", "{csv: '${SHOP_TABLES}/shop.csv'}"))
    monkeypatch.delenv("SHOP_TABLES", raising=False)
    spec = load_spec(folder)
    with pytest.raises(SpecError, match="SHOP_TABLES is not set"):
        locate(spec.data.source, folder)
    (tmp_path / "shop.csv").write_text("a\n1\n")
    digest = spec_digest(spec)
    monkeypatch.setenv("SHOP_TABLES", str(tmp_path))
    assert locate(spec.data.source, folder).address == str(tmp_path / "shop.csv")
    assert spec_digest(load_spec(folder)) == digest
    assert str(tmp_path) not in load_spec(folder).model_dump_json()


def test_the_digest_follows_what_is_stated_and_not_how(tmp_path):
    first = spec_digest(load_spec(write(tmp_path, GOOD)))
    reordered = yaml.safe_dump(dict(reversed(yaml.safe_load(GOOD).items())))
    assert spec_digest(load_spec(write(tmp_path, "# a comment\n" + reordered))) == first
    assert spec_digest(load_spec(write(tmp_path, GOOD.replace("[0, 10]", "[0, 11]")))) != first


def command(root, *words):
    return CliRunner().invoke(app, ["spec", *words], env={"HEADGATE_ROOT": str(root)})


def test_the_schema_for_editors_knows_every_key(tmp_path):
    schema = json.loads(command(tmp_path, "--schema").stdout)
    assert set(schema["properties"]) == set(ModelSpec.model_fields) and schema["additionalProperties"] is False
    assert schema["$defs"]["Column"]["properties"]["kind"]["enum"][0] == "number"
    assert json.loads(command(tmp_path, "--schema", "--json").stdout) == schema


@pytest.mark.parametrize("algorithms, told", PARAMETERS)
def test_the_command_tells_which_parameters_cannot_be_used(tmp_path, algorithms, told):
    write(tmp_path, GOOD.replace("[logistic_regression]", algorithms))
    answer = command(tmp_path, "shop", "--json")
    message = json.loads(answer.stdout)["error"]
    assert answer.exit_code == 2 and "model.yaml cannot be used" in message
    assert all(part in message for part in told), message


def test_the_command_accepts_every_kind_of_parameter(tmp_path):
    write(tmp_path, GOOD.replace("[logistic_regression]", """
  logistic_regression: {C: {low: 0.001, high: 10, log: true}, max_iter: 300}
  xgboost: {max_depth: {low: 2, high: 9}, learning_rate: [0.01, 0.1], n_estimators: 5000}
  random_forest: {max_features: 50, max_depth: [3, null]}
  hist_gradient_boosting: {early_stopping: true, validation_fraction: 0.01}
  neural_net: {hidden_layer_sizes: [[64, 32], [8]], early_stopping: true}"""))
    assert command(tmp_path, "shop").exit_code == 0


def test_the_command_tells_of_features_that_cannot_be_served(tmp_path):
    folder = write(tmp_path, GOOD)
    (folder / "features.py").write_text("def engineer_features(columns):\n    return {}\n")
    assert command(tmp_path, "shop").exit_code == 0
    (folder / "features.py").write_text("import numpy as np\ndef engineer_features(columns):\n"
                                        "    return {'root': np.sqrt(columns['price'])}\n")
    answer = command(tmp_path, "shop", "--json")
    assert answer.exit_code == 2 and json.loads(answer.stdout)["kind"] == "FeaturesError" and "xp.sqrt" in answer.stdout


def test_the_command_tells_of_a_time_zone_that_is_none(tmp_path):
    write(tmp_path, GOOD.replace("holdout:", "time_zone: Mars/Olympus\n  holdout:"))
    assert "Mars/Olympus" in command(tmp_path, "shop").stderr


def test_the_command_checks_every_model(tmp_path):
    assert command(tmp_path).stdout.strip() == "No models yet."
    write(tmp_path, GOOD)
    answer = command(tmp_path, "--json")
    [facts] = json.loads(answer.stdout)["models"]
    assert answer.exit_code == 0 and facts["model"] == "shop" and len(facts["gates"]) == 8
    write(tmp_path, GOOD.replace("csv: shop.csv", 'csv: "${HEADGATE_TEST_NOT_SET}/shop.csv"'))
    assert "a run needs it: HEADGATE_TEST_NOT_SET" in " ".join(command(tmp_path).stdout.split())
    write(tmp_path, GOOD.replace("kind: number", "kind: numbr"))
    answer = command(tmp_path, "shop", "--json")
    assert answer.exit_code == 2 and json.loads(answer.stdout)["kind"] == "SpecError"
    assert "numbr" in answer.stderr and "Traceback" not in answer.stderr
