"""A features.py that cannot be trusted is refused with words that say what to write instead."""

import ast
import datetime
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from headgate.errors import FeaturesError
from headgate.learning.calendar import calendar_parts
from headgate.learning.features import Features, check_features, engineer, load_features, offered_columns, offered_names
from headgate.learning.functions import FORMULAS, MORE, ONE, TWO
from tests.unit.learning.voyages import FEATURES, features, make_spec, make_voyages

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "features.md").read_text(encoding="utf-8")
HEAD = '''import math, random
import numpy as np
def engineer_features(columns):
    x, sails = columns["wind speed"], columns["sails"]
    xp = x.__array_namespace__()
'''


def written(body):
    return Features(HEAD + "    " + body, "features.py")


def refusal(made, spec=None, columns=None):
    with pytest.raises(FeaturesError) as caught:
        check_features(made, spec or make_spec(), columns or make_voyages(200)[0])
    return str(caught.value)


def test_classic_features_pass_the_check():
    check_features(features(), make_spec(), make_voyages(200)[0])


@pytest.mark.parametrize("body", [
    "return {'a': xp.clip(x, -1.0, 1.0), 'b': xp.maximum(x, sails), 'c': xp.sqrt(xp.abs(x)), 'd': x // 2.0}",
    "return {'a': x % 2.0, 'b': (x > 1) & (sails < 2), 'c': xp.sign(x), 'd': xp.log1p(xp.abs(x)), 'e': x ** 3}",
    "return {'a': xp.exp(x), 'b': xp.tanh(x), 'c': xp.where(x > 0, x, 0.0), 'd': xp.astype(x, xp.int64)}",
    "return {'a': columns['hull.length'] / 10, 'b': columns['départ.heure.month'] - 6, 'c': columns['motor'] * x}",
    "return {}"])
def test_whole_column_arithmetic_passes_the_check(body):
    check_features(written(body), make_spec(), make_voyages(200)[0])


@pytest.mark.parametrize("body, said", [
    ("return {'a': np.log(xp.abs(x) + 1)}", ["line 6", "NumPy's `log`", "xp.log"]),
    ("return {'a': np.where(x > 0, x, 0.0)}", ["NumPy's `where`", "xp.where"]),
    ("return {'a': np.maximum(x, 0)}", ["`maximum`", "xp.maximum"]),
    ("return {'a': x if x[0] > 0 else -x}", ["`if` decides once", "xp.where"]),
    ("return {'a': x if x > 0 else 0}", ["`if` decides once", "xp.where"]),
    ("if x > 0: x = sails\n    return {'a': x}", ["`if` decides once", "xp.where"]),
    ("return {'a': max(x, sails)}", ["`max()`", "xp.maximum(x, y)"]),
    ("return {'a': min(x, 3.0)}", ["`min()`", "xp.minimum(x, y)"]),
    ("return {'a': (x > 0) and (sails > 3)}", ["`and` decides once", "(x > 0) & (y > 0)"]),
    ("return {'a': (x > 0) or (sails > 3)}", ["`or` decides once", "(x > 0) | (y > 0)"]),
    ("return {'a': not x > 0}", ["`not` decides once", "~(x > 0)"]),
    ("return {'a': 0 < x < 1}", ["chain of comparisons", "(x > 0) & (x < 1)"]),
    ("return {'a': sails in (1, 2)}", ["`in` decides once", "(x == 1) | (x == 2)"]),
    ("return {'a': math.log(x)}", ["`math.log` takes one number", "xp.log"]),
    ("from math import atan2\n    return {'a': atan2(x, sails)}", ["`math.atan2`", "xp.atan(y / x)"]),
    ("return {'a': xp.atan2(x, sails)}", ["`atan2`", "xp.atan(y / x)"]),
    ("return {'a': xp.hypot(x, sails)}", ["`hypot`", "xp.sqrt(x ** 2 + y ** 2)"]),
    ("return {'a': xp.round(x, decimals=2)}", ["decimals", "xp.round(x * 100) / 100"]),
    ("return {'a': round(x, 2)}", ["`round()` takes one number", "xp.round(x * 100) / 100"]),
    ("import scipy.special\n    return {'a': scipy.special.expit(x)}", ["SciPy's `expit`", "1 / (1 + xp.exp(-x))"]),
    ("return {'a': np.random.normal(size=len(x)) + x}", ["draws random numbers", "no randomness"]),
    ("return {'a': xp.random.normal(0, 1, x.shape) + x}", ["draws random numbers", "no randomness"]),
    ("return {'a': x - x.mean()}", ["`mean` is a statistic", "scales already", "as a number"]),
    ("return {'a': (x - np.mean(x)) / np.std(x)}", ["`mean` is a statistic", "scales already"]),
    ("return {'a': x.fillna(0)}", ["no method `fillna`", "xp.where(xp.isnan(x), 0.0, x)"]),
    ("return {'a': xp.lgo(x)}", ["`lgo` is not in the array API standard", "Did you mean xp.log?"]),
    ("return {'a': sum(x) * x}", ["`sum()` goes through rows"]),
    ("a = 0.0\n    for one in x: a = x\n    return {'a': a}", ["goes through rows"]),
    ("x[x > 0] = 1\n    return {'a': x}", ["read-only", "xp.where(condition, 0.0, x)"]),
    ("return {'a': x * float(x[0])}", ["`float()` takes one number", "xp.astype"]),
    ("return {'a': x * math.exp(x[0])}", ["`math.exp` takes one number", "xp.exp"]),
    ("return {'a': x.clip(0, 1)}", ["no method `clip`", "xp.clip"]),
    ("return {'a': xp.isin(x, [1.0])}", ["`isin` is not in the array API standard"]),
    ("return {'a': xp.where(x > 0, 1.0, 0.0)}", ["xp.astype(condition, xp.float64)"]),
    ("return {'a': xp.asarray([value for value in x])}", ["goes through rows"])])
def test_a_function_that_cannot_be_traced_is_told_what_to_write_instead(body, said):
    message = refusal(written(body))

    assert message.startswith(("features.py fails: line ", "features.py cannot become part of the model's graph: line"))
    assert all(part in message for part in said), message


@pytest.mark.parametrize("body", ["return {'a': x - xp.mean(x)}", "return {'a': x / xp.max(x)}",
                                  "return {'a': xp.roll(x, 1)}", "return {'a': xp.sort(x)}",
                                  "return {'a': xp.cumulative_sum(x)}", "return {'a': x * random.random()}"])
def test_a_feature_that_mixes_rows_is_refused_with_an_example(body):
    message = refusal(written(body))

    assert "feature 'a' mixes rows" in message and "wind speed = " in message


@pytest.mark.parametrize("condition", ["xp.any(x > LIMIT)", "xp.all(x < LIMIT)", "xp.max(x) > LIMIT",
                                       "xp.any(xp.isnan(x))"])
def test_a_condition_on_the_whole_table_is_refused_although_one_row_in_thousands_meets_it(condition):
    """As when a function guesses the unit of a column by its largest value."""
    columns, _ = make_voyages(6000, seed=3)
    telling, place = columns["wind speed"], 4321
    telling[place] = np.nan if "isnan" in condition else np.nanmax(telling) + 1
    condition = condition.replace("LIMIT", repr(float(np.nanmax(telling)) - 0.5))
    with pytest.raises(FeaturesError, match="mixes rows"):
        check_features(written(f"return {{'a': xp.where({condition}, x, x / 10)}}"), make_spec(), columns)


@pytest.mark.parametrize("body, seen", [("return {'a': xp.log(x)}", "nan"),
                                        ("return {'a': sails / (sails - 3)}", "inf"),
                                        ("return {'a': xp.exp(100 + xp.abs(x))}", "e+")])
def test_a_feature_that_answers_nan_or_infinity_is_refused_with_its_inputs(body, seen):
    message = refusal(written(body))

    assert "feature 'a'" in message and seen in message
    assert ("wind speed = " in message) != ("sails = " in message), "names only what the feature is made from"


def test_a_feature_may_be_nan_where_its_input_is_missing():
    columns = make_voyages(200)[0]

    check_features(written("return {'a': columns['hull.length'] * 2}"), make_spec(), columns)

    assert np.isnan(columns["hull.length"]).any()


@pytest.mark.parametrize("body, said", [
    ("return {'sails': x}", "name of a column"), ("return {'label': x}", "one name"),
    ("return [x]", "must return a dict"), ("return {'a': 3}", "no array"),
    ("return {'a': x.mean()}", "scales already"), ("return {'a': [1.0, 2.0]}", "no array"),
    ("return {'a': xp.stack([x, x])}", "one value per row"), ("return {1: x}", "name must be text"),
    ("x += 1\n    return {'a': x}", "read-only"), ("return {'a': columns['label']}", "départ.heure.weekday"),
    ("return {'a': x * 1e-12}", "Scale it up"), ("raise ValueError('tide')", "ValueError: tide")])
def test_an_answer_that_is_no_set_of_new_columns_is_refused(body, said):
    assert said in refusal(written(body))


RAISES = {"Exception('tide')": "Exception: tide", "Mine('tide')": "Mine: tide", "Own('tide')": "Own: tide",
          "StopIteration": "StopIteration", "SystemExit(0)": "end the whole run", "MemoryError": "MemoryError",
          "GeneratorExit": "GeneratorExit", "AssertionError('tide')": "AssertionError: tide"}
OWN = "class Mine(Exception): pass\nclass Own(BaseException): pass\n"


@pytest.mark.parametrize("raised", RAISES)
def test_whatever_the_function_raises_is_told_with_its_line(raised):
    message = refusal(Features(f"{OWN}def engineer_features(columns):\n    raise {raised}\n", "shop/features.py"))

    assert message.startswith(f"shop/features.py fails: line 4, `raise {raised}`: ") and RAISES[raised] in message
    assert message.count(". ") >= 1, "and what to do"


@pytest.mark.parametrize("raised", RAISES)
def test_whatever_the_file_raises_on_import_is_told_with_its_line(tmp_path, raised):
    (tmp_path / "features.py").write_text(f"{OWN}raise {raised}\n")

    with pytest.raises(FeaturesError) as caught:
        load_features(tmp_path)

    assert f"features.py cannot be loaded: line 3, `raise {raised}`: " in str(caught.value)
    assert RAISES[raised] in str(caught.value) and caught.value.remedy


def test_a_failure_where_an_input_is_missing_is_told_too():
    message = refusal(written("if xp is np and np.isnan(x).any(): raise ValueError('calm')\n    return {'a': x}"))

    assert "line 6" in message and "ValueError: calm" in message


def test_an_interruption_stays_itself(tmp_path):
    (tmp_path / "features.py").write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_features(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        engineer(make_spec(), written("raise KeyboardInterrupt"), make_voyages(5)[0])


def test_the_file_knows_where_it_is_and_may_hold_dataclasses(tmp_path):
    (tmp_path / "features.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\nfrom pathlib import Path\n"
        "HERE = Path(__file__).parent\n@dataclass\nclass Edge:\n    at: float\n"
        "def engineer_features(columns):\n    return {HERE.name: columns['sails'] * Edge(2.0).at}\n")

    check_features(load_features(tmp_path), make_spec(), make_voyages(50)[0])
    answer = engineer(make_spec(), load_features(tmp_path), make_voyages(5)[0])

    assert list(answer) == [tmp_path.name]


def documented():
    """Return the rows of the tables of docs/features.md as {first cell: second cell}."""
    rows = [line.strip("|").replace("\\|", "¦").split("|") for line in DOCS.splitlines() if line.startswith("|")]
    return {first.strip(): second.strip().replace("¦", "|") for first, second in rows}


def test_every_function_that_the_documentation_names_can_be_used():
    table = documented()
    named = [re.findall(r"`(\w+)`", table[row]) for row in ("of one column", "of two", "more")]

    assert tuple(map(sorted, named)) == tuple(map(sorted, (ONE, TWO, MORE)))
    one = {name: f"xp.{name}(2 + half)" if name == "acosh" else f"xp.{name}(half)" for name in named[0]}
    two = {name: f"xp.{name}(half > 0.5, low)" if name.startswith("logical") else f"xp.{name}(half, 1 + half)"
           for name in named[1]}
    one["logical_not"] = "xp.logical_not(low)"
    body = ", ".join(f"'{name}': {text}" for name, text in (one | two).items())
    check_features(written(f"half, low = xp.clip(xp.abs(x), 0.01, 0.9), x < 0\n    return {{{body}}}"), make_spec(),
                   make_voyages(200)[0])


def test_everything_to_be_written_instead_can_be_used():
    instead = re.findall(r"`([^`]+)`", " ".join(second for first, second in documented().items()
                                                if first not in ("of one column", "of two", "more")))
    instead += [text for text in FORMULAS.values() if "a = " not in text]
    texts = [text.split(", one")[0].removeprefix("x = ").replace("edge", "3.0") for text in instead]
    usable = [text for text in texts if is_expression(text) and re.search(r"\bx\b", text)]

    assert len(usable) > 25
    features = ", ".join(f"'a{number}': {text}" for number, text in enumerate(usable))
    check_features(written("x, y = xp.clip(xp.abs(x), 0.1, 0.9), xp.abs(sails) + 1\n    a, b = x, y\n"
                           f"    first, second = x > 0, x < 0\n    return {{{features}}}"),
                   make_spec(), make_voyages(200)[0])


def is_expression(text):
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("source, said", [
    ("def engineer_features(", "SyntaxError"), ("x = 1", "has no function engineer_features"),
    ("import no_such_module", "no_such_module"), ("1 / 0", "ZeroDivisionError")])
def test_a_file_that_cannot_be_loaded_is_named(tmp_path, source, said):
    (tmp_path / "features.py").write_text(source)

    with pytest.raises(FeaturesError, match=said) as caught:
        load_features(tmp_path)

    assert str(tmp_path) in str(caught.value)


def test_features_come_from_a_folder_from_a_file_or_not_at_all(tmp_path):
    assert load_features(tmp_path) is None
    (tmp_path / "features.py").write_text(FEATURES, encoding="utf-8")

    from_folder, from_file = load_features(tmp_path), load_features(tmp_path / "features.py")

    assert from_folder == from_file and from_folder.source == FEATURES
    assert from_folder.digest == features().digest and len(from_folder.digest) == 64


def test_features_pickle_by_their_text():
    made = features()
    made.function

    again = pickle.loads(pickle.dumps(made))

    columns = make_voyages(20)[0]
    assert all(np.array_equal(again_values, values, equal_nan=True) for again_values, values in zip(
        engineer(make_spec(), again, columns).values(), engineer(make_spec(), made, columns).values()))


def test_categories_are_not_offered_and_datetimes_by_their_parts():
    offered = offered_columns(make_spec(), make_voyages(5)[0])

    assert "label" not in offered and "départ.heure" not in offered
    assert tuple(offered) == offered_names(make_spec())
    assert {"wind speed", "sails", "motor", "départ.heure.hour"} < set(offered)


def test_calendar_parts_are_those_of_the_wall_clock():
    moments = [datetime.datetime(1900, 1, 1), datetime.datetime(1969, 12, 31, 23, 59, 59),
               datetime.datetime(1970, 1, 1), datetime.datetime(2000, 2, 29, 12, 30),
               datetime.datetime(2024, 2, 29, 0, 0, 1), datetime.datetime(2023, 3, 1),
               datetime.datetime(2100, 12, 31, 23, 59, 59)]
    moments += [datetime.datetime(1999, 1, 1, 7, 5) + datetime.timedelta(days=day) for day in range(0, 800, 7)]
    seconds = np.array([(moment - datetime.datetime(1970, 1, 1)).total_seconds() for moment in moments])

    parts = calendar_parts("t", seconds)

    for part in ("year", "month", "day", "hour", "minute"):
        assert parts[f"t.{part}"].tolist() == [getattr(moment, part) for moment in moments]
    assert parts["t.weekday"].tolist() == [moment.weekday() for moment in moments]
    assert all(np.isnan(values).all() for values in calendar_parts("t", np.array([np.nan])).values())
