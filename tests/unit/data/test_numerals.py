"""Numbers with a decimal comma or grouped digits: read as stated, and never as something else."""

import pandas as pd
import pytest
from pydantic import ValidationError

from headgate.data import coerce, fingerprint, read_table
from headgate.data.numerals import Numerals
from headgate.errors import SourceError
from headgate.spec.sources import Source

EURO = {"csv": "shop.csv", "separator": ";", "decimal": ",", "thousands": "."}
HEAD = "price;items;gift;city;returned\n"


def read(make_spec, folder, text, source=EURO, **changes):
    (folder / "shop.csv").write_text(HEAD + text)
    spec = make_spec(data={"source": source, **changes.pop("data", {})}, **changes)
    return coerce(read_table(spec, folder).frame, spec)


def test_european_numbers_are_the_numbers_that_they_mean(make_spec, folder):
    done = read(make_spec, folder, "1.234,50;1.000;1;Oslo;0\n-0,25;12;0;007;1\n;;;;0\n1234567,5;3;1;1;0\n")
    assert done.unconvertible == {}
    assert list(done.frame["price"].dropna()) == [1234.5, -0.25, 1234567.5]
    assert list(done.frame["items"].dropna()) == [1000, 12, 3]
    assert list(done.frame["city"].dropna()) == ["Oslo", "007", "1"]


def test_grouped_numbers_in_quotes(make_spec, folder):
    (folder / "t.csv").write_text('price,items,gift,city,returned\n"86,675",1,1,Oslo,0\n"1,234,567.25",2,1,Oslo,1\n')
    spec = make_spec(data={"source": {"csv": "t.csv", "thousands": ","}})
    assert list(read_table(spec, folder).frame["price"]) == [86675, 1234567.25]


def test_a_text_among_such_numbers_is_left_for_validation_as_it_came(make_spec, folder):
    done = read(make_spec, folder, "1,5;1;1;Oslo;0\n12.34.5,6;2;0;007;1\nmany;3;1;1;0\n")
    assert list(done.unconvertible["price"]) == [False, True, True]


@pytest.mark.parametrize("cell", ["1.5", "12.3456", "1.2e3"])
def test_a_number_written_in_another_way_is_refused_not_guessed(make_spec, folder, cell):
    with pytest.raises(SourceError, match=f"'price'.*such as '{cell}'.*decimal ','.*thousands"):
        read(make_spec, folder, f"1,5;1;1;Oslo;0\n{cell};2;0;007;1\n")


def test_a_derived_target_and_a_keep_rule_compare_such_numbers(make_spec, folder):
    target = {"column": "dear", "classes": ["no", "yes"], "derive": {"column": "price", "at_least": 1000}}
    keep = [{"column": "items", "at_least": 1000, "why": "wholesale"}]
    columns = [{"name": "city", "kind": "category", "categories": ["Oslo"]}]
    done = read(make_spec, folder, "1.234,50;1.000;1;Oslo;0\n999,99;2.000;1;Oslo;0\n5.000,0;5;1;Oslo;0\n",
                target=target, columns=columns, data={"keep": keep})
    assert list(done.frame["dear"]) == ["yes", "no"]


def test_a_joined_table_is_read_as_its_own_source_states(make_spec, folder):
    (folder / "people.csv").write_text("city;people\nOslo;700.000,5\n")
    columns = [{"name": name, "kind": "number", "nullable": True} for name in ("price", "people")]
    join = {"source": {**EURO, "csv": "people.csv"}, "on": ["city"], "columns": ["people"]}
    spec = make_spec(columns=columns, data={"joins": [join]})
    frame = read_table(spec, folder).frame
    assert frame["people"][0] == 700000.5 and frame["price"][0] == 1.5


def test_how_numbers_are_written_is_part_of_the_fingerprint(make_spec, folder):
    digests = {fingerprint(make_spec(data={"source": {"csv": "shop.csv", **way}}), folder, as_of=None)
               for way in ({}, {"decimal": ","}, {"thousands": ","})}
    assert len(digests) == 3


@pytest.mark.parametrize("way", [{"decimal": ",", "thousands": ","}, {"decimal": ";"}, {"thousands": "1"},
                                 {"thousands": "."}])
def test_marks_that_cannot_be(way):
    with pytest.raises(ValidationError):
        Source(csv="a.csv", **way)


@pytest.mark.parametrize("way, texts, fitting", [
    (Numerals(), ["1", "-1.5", ".5", "1e3", " 2 ", "1,5", "x", ""], 5),
    (Numerals(",", "."), ["1.234,50", "1234,5", "0,25", "1.23", "12.345.67", "1.234.567"], 4),
    (Numerals(".", "'"), ["1'234.5", "12'34", "1'234'567"], 2)])
def test_which_texts_are_numbers_so_written(way, texts, fitting):
    assert way.matches(pd.Series(texts, dtype="str")).sum() == fitting
