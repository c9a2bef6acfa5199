"""A features.py that cannot be trusted is refused with words that say what to write instead."""

import datetime
import pickle

import numpy as np
import pytest

from headgate.errors import FeaturesError
from headgate.learning.calendar import calendar_parts
from headgate.learning.features import Features, check_features, engineer, load_features, offered_columns, offered_names
from tests.unit.learning.voyages import FEATURES, features, make_spec, make_voyages

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
    ("return {'a': x * float(x[0])}", ["`float()` takes one number", "xp.astype"]),
    ("return {'a': x * math.exp(x[0])}", ["`math.exp` takes one number", "xp.exp"]),
    ("return {'a': x.clip(0, 1)}", ["no method `clip`", "xp.clip"]),
    ("return {'a': xp.isin(x, [1.0])}", ["`isin` is not in the array API standard"]),
    ("return {'a': xp.where(x > 0, 1.0, 0.0)}", ["xp.astype(condition, xp.float64)"]),
    ("return {'a': xp.asarray([value for value in x])}", ["goes through rows"])])
def test_a_function_that_cannot_be_traced_is_told_what_to_write_instead(body, said):
    message = refusal(written(body))

    assert "cannot become part of the model's graph" in message
    assert all(part in message for part in said), message


@pytest.mark.parametrize("body", ["return {'a': x - xp.mean(x)}", "return {'a': x / xp.max(x)}",
                                  "return {'a': xp.roll(x, 1)}", "return {'a': xp.sort(x)}",
                                  "return {'a': xp.cumulative_sum(x)}", "return {'a': x * random.random()}"])
def test_a_feature_that_mixes_rows_is_refused_with_an_example(body):
    message = refusal(written(body))

    assert "feature 'a' mixes rows" in message and "wind speed = " in message


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
    ("return [x]", "must return a dict"), ("return {'a': 3}", "no array"), ("return {'a': [1.0, 2.0]}", "no array"),
    ("return {'a': xp.stack([x, x])}", "one value per row"), ("return {1: x}", "name must be text"),
    ("x += 1\n    return {'a': x}", "read-only"), ("return {'a': columns['label']}", "départ.heure.weekday"),
    ("return {'a': x * 1e-12}", "Scale it up"), ("raise ValueError('tide')", "ValueError: tide")])
def test_an_answer_that_is_no_set_of_new_columns_is_refused(body, said):
    assert said in refusal(written(body))


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
