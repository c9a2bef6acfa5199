"""None, NA and the like: missing in most tables, and a value where the spec lists it."""

import pandas as pd
import pytest

from headgate.data import coerce, read_table
from tasks.parts import of_reading

REGIONS = {"name": "region", "kind": "category", "categories": ["NA", "EU"], "nullable": True}
PRICE = {"name": "price", "kind": "number", "nullable": True}
TABLE = "price,region,disorder\n1,NA,None\nNA,EU,Insomnia\n3,null,None\n4,,null\n"
TARGET = {"column": "disorder", "classes": ["None", "Insomnia"]}


@pytest.fixture
def typed(make_spec, folder):
    """Return a function that reads TABLE under a spec and types it."""
    def read(text=TABLE, **changes):
        (folder / "shop.csv").write_text(text)
        spec = make_spec(**{"columns": [PRICE, REGIONS], "target": TARGET, **changes})
        return coerce(read_table(spec, folder).frame, spec).frame
    return read


def cells(series):
    return [None if pd.isna(value) else value for value in series]


def test_a_listed_category_or_class_is_a_value_and_any_other_such_word_is_missing(typed):
    frame = typed()
    assert cells(frame["region"]) == ["NA", "EU", None, None]
    assert cells(frame["disorder"]) == ["None", "Insomnia", "None", None]
    assert cells(frame["price"]) == [1, None, 3, 4]


def test_nothing_listed_nothing_kept(typed):
    frame = typed(columns=[PRICE, {**REGIONS, "categories": ["EU"]}],
                  target={"column": "disorder", "classes": ["Insomnia", "Apnea"]})
    assert cells(frame["region"]) == [None, "EU", None, None]
    assert cells(frame["disorder"]) == [None, "Insomnia", None, None]


def test_a_key_that_is_listed_keeps_its_words(typed):
    assert cells(typed(data={"key": ["region"]})["region"]) == ["NA", "EU", None, None]


def test_a_key_that_is_nothing_else_is_never_missing_for_its_words(typed):
    """Whoever is called None, and the country NA, have their row all the same."""
    frame = typed("price,region,disorder,who\n1,NA,None,None\nNA,EU,None,NA\n3,EU,None,\n", data={"key": ["who"]})
    assert cells(frame["who"]) == ["None", "NA", None] and cells(frame["price"]) == [1, None, 3]


def test_a_keep_rule_finds_the_word_that_it_names(typed):
    keep = [{"column": "region", "one_of": ["NA"], "why": "sold there"}]
    assert len(typed(columns=[PRICE], data={"keep": keep})) == 1
    not_null = [{"column": "disorder", "not_null": True, "why": "answered"}]
    assert cells(typed(data={"keep": not_null})["disorder"]) == ["None", "Insomnia", "None"]


def test_a_join_by_a_listed_word_finds_its_row(typed, folder):
    (folder / "tax.csv").write_text("region,tax\nNA,7\nEU,20\n")
    columns = [PRICE, REGIONS, {"name": "tax", "kind": "number", "nullable": True}]
    join = {"source": {"csv": "tax.csv"}, "on": ["region"], "columns": ["tax"]}
    assert cells(typed(columns=columns, data={"joins": [join]})["tax"]) == [7, 20, None, None]


def test_listing_such_a_word_reads_the_table_again_and_listing_another_does_not(make_spec):
    def part(*categories):
        return of_reading(make_spec(columns=[PRICE, {**REGIONS, "categories": list(categories)}]))
    assert part("EU") == part("EU", "US") != part("EU", "NA")
