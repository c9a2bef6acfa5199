"""A draft for tables whose cells need a second look: words for nothing, many texts, other numerals, other marks."""

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from headgate.commands.new import new, write_draft
from headgate.data import read_table
from headgate.errors import SourceError, SpecError
from headgate.spec import load_spec
from headgate.spec.guess import guess
from headgate.spec.written import Written
from headgate.validation import validate
from headgate.workspace import Workspace

N = 600


def people(**columns):
    """A table of random numbers, a target and what a test adds."""
    random = np.random.default_rng(1)
    table = {"age": random.normal(50, 9, N).round(2), "left": random.choice(["yes", "no"], N)}
    return pd.DataFrame({**table, **columns})


@pytest.fixture
def drafted(tmp_path):
    """Return a function that writes a table, drafts a model for it and gives back what came out."""
    def write(table, target="left", separator=",", **how):
        table.to_csv(tmp_path / "table.csv", index=False, sep=separator)
        how = how if separator == "," else {**how, "separator": separator}
        path, made = write_draft(Workspace.from_environment({}, tmp_path), "mine", str(tmp_path / "table.csv"), target,
                                 **how)
        return load_spec(path.parent), made, path
    return write


def judged(spec, path):
    reading = read_table(spec, path.parent)
    return validate(reading.frame, spec, as_of=None, names=reading.names)


def kinds(spec):
    return {column.name: column.kind for column in spec.columns}


# --- many texts

def test_a_text_of_too_many_values_is_left_out_so_that_the_draft_passes_on_its_own_table(drafted):
    zips = np.char.add("0", np.random.default_rng(2).integers(1000, 1290, N).astype(str))
    spec, made, path = drafted(people(zip=zips))
    assert kinds(spec) == {"age": "number"} and judged(spec, path).ok
    assert f"{len(set(zips))} different texts; the 100 most frequent cover only" in made.left_out["zip"]


def test_many_rare_texts_beside_frequent_ones_are_kept(drafted):
    texts = [f"t{i % 130}" if i < 200 else "usual" for i in range(N)]
    spec, _, path = drafted(people(shop=texts))
    assert spec.column("shop").unknown == "treat_as_unknown" and judged(spec, path).ok


# --- words for nothing

def test_the_largest_class_may_be_called_none(drafted):
    disorder = ["None"] * 400 + ["Insomnia"] * 100 + ["Sleep Apnea"] * 90 + [None] * 10
    spec, made, path = drafted(people(disorder=disorder), target="disorder")
    assert sorted(spec.target.classes) == ["Insomnia", "None", "Sleep Apnea"]
    assert any("'None' is listed as a class; if it stands for a missing answer, take it off" in note
               for note in made.notes)
    reading = read_table(spec, path.parent)
    assert (reading.frame["disorder"] == "None").sum() == 400 and sum(reading.dropped.values()) == 10
    assert judged(spec, path).ok


def test_a_class_that_is_taken_off_again_is_a_missing_answer(drafted):
    disorder = ["None"] * 400 + ["Insomnia"] * 100 + ["Sleep Apnea"] * 100
    spec, _, path = drafted(people(disorder=disorder), target="disorder")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("classes: [Insomnia, None,", "classes: [Insomnia,"), encoding="utf-8")
    spec = load_spec(path.parent)
    assert len(read_table(spec, path.parent).frame) == 200 and judged(spec, path).ok


def test_beside_numbers_such_a_word_is_a_missing_answer_and_said(drafted):
    spec, made, _ = drafted(people(grade=["1", "2", "NA"] * (N // 3)), target="grade")
    assert sorted(spec.target.classes) == ["1", "2"]
    assert any("'NA' in 200 cells of the target 'grade' are read as missing" in note for note in made.notes)


def test_none_is_a_category_and_other_words_are_missing_with_a_note(drafted):
    land = ["None", "NA", "NULL", "Oslo", "none", ""] * (N // 6)
    spec, made, path = drafted(people(land=land))
    column = spec.column("land")
    assert sorted(column.categories) == ["None", "Oslo", "none"] and column.nullable
    assert list(read_table(spec, path.parent).frame["land"].dropna().unique()) == ["None", "Oslo", "none"]
    note = next(note for note in made.notes if "'land'" in note)
    assert "'NA' in 100 cells" in note and "'NULL' in 100" in note and "listed in its categories" in note
    assert judged(spec, path).ok


def test_numbers_and_truths_with_such_words_stay_numbers_and_truths(drafted):
    spec, made, path = drafted(people(size=["1.5", "NA", "2.5"] * (N // 3), wet=["yes", "no", "None"] * (N // 3)))
    assert kinds(spec) == {"age": "number", "size": "number", "wet": "boolean"}
    assert spec.column("size").nullable and spec.column("wet").nullable and judged(spec, path).ok
    assert any("'None' in 200 cells of 'wet'" in note for note in made.notes)


def test_in_parquet_such_a_word_is_a_text_like_any_other():
    series = pd.Series(["NA", "EU", "EU"] * 20, name="region", dtype="str")
    assert guess(series, Written()).categories == ("EU", "NA")


# --- numbers written otherwise

NUMBERS = np.random.default_rng(3).integers(1000, 900000, N) / 100


@pytest.mark.parametrize("text, advice", [
    ("{:.2f}", None), ("{:,.2f}", "--thousands ,"), ("{:,.0f}000", "--decimal , or --thousands ,")])
def test_a_column_of_grouped_numbers_names_the_option(drafted, text, advice):
    values = [text.format(value) if "000" not in text else f"{int(value) % 899 + 1},{int(value * 100) % 900 + 100}"
              for value in NUMBERS]
    spec, made, _ = drafted(people(price=values))
    if advice is None:
        assert kinds(spec)["price"] == "number"
    else:
        assert "looks like numbers written as '" in made.left_out["price"]
        assert made.left_out["price"].endswith(f"try {advice}")


def european(value):
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def test_european_numbers_name_both_options_and_with_them_the_column_is_a_number(drafted, tmp_path):
    table = people(price=[european(value) for value in NUMBERS], weight=[f"{v % 3:.2f}".replace(".", ",")
                                                                         for v in NUMBERS])
    _, made, path = drafted(table.assign(age=[i % 90 for i in range(N)], id=range(N)), separator=";")
    assert made.left_out["price"].endswith("try --decimal , --thousands .")
    assert made.left_out["weight"].endswith("try --decimal ,")
    path.unlink()
    spec, _, path = drafted(table.drop(columns="age"), separator=";", decimal=",", thousands=".")
    assert kinds(spec) == {"price": "number", "weight": "number"} and judged(spec, path).ok
    assert read_table(spec, path.parent).frame["price"].to_numpy() == pytest.approx(NUMBERS)


def test_few_such_numbers_stay_categories_with_a_note(drafted):
    spec, made, _ = drafted(people(size=["3,5", "4,5", "5,5"] * (N // 3)))
    assert kinds(spec)["size"] == "category"
    assert any("'size'" in note and "--decimal ," in note for note in made.notes)


@pytest.mark.parametrize("text, sign", [("${:,.2f}", "$"), ("{:.1f}%", "%"), ("{:.2f} €", "€")])
def test_a_number_with_a_sign_in_the_text_is_left_out_and_said(drafted, text, sign):
    _, made, _ = drafted(people(price=[text.format(value) for value in NUMBERS]))
    assert f"a number with the sign {sign} in the text" in made.left_out["price"]


def test_when_nothing_else_tells_rows_apart_the_left_out_numbers_are_told(drafted):
    with pytest.raises(SpecError, match=r"'price': it looks like numbers .*--decimal ,"):
        drafted(people(price=[european(value) for value in NUMBERS]).drop(columns="age").assign(a=["x", "y"] * 300))


# --- the command

@pytest.fixture
def command(tmp_path, monkeypatch):
    """Return a function that runs `new` on table.csv."""
    monkeypatch.setenv("HEADGATE_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(new)

    def run(*options, name="mine", table="table.csv", target="left"):
        return CliRunner().invoke(app, [name, "--from", table, "--target", target, *options])
    return run


def test_backslash_t_is_a_tab(command, tmp_path):
    people().to_csv(tmp_path / "table.csv", index=False, sep="\t")
    assert command("--separator", r"\t").exit_code == 0
    assert load_spec(tmp_path / "models" / "mine").data.source.separator == "\t"


@pytest.mark.parametrize("options, told", [
    (["--separator", "||"], "separated by one character"), (["--separator", ""], "separated by one character"),
    (["--decimal", ";"], "decimal: seen ';'"), (["--decimal", ",", "--thousands", ","], "both ','")])
def test_an_option_that_cannot_be_is_explained(command, tmp_path, options, told):
    people().to_csv(tmp_path / "table.csv", index=False)
    done = command(*options)
    assert done.exit_code == 2 and told in done.output and "unforeseen" not in done.output
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("separator, cell", [(";", "1,5"), (";", "1"), ("\t", "1;5"), ("|", "1")])
def test_another_separator_is_named_as_the_option_of_the_command(command, tmp_path, separator, cell):
    people(size=cell).to_csv(tmp_path / "table.csv", index=False, sep=separator)
    done = command()
    assert done.exit_code == 2
    assert f"--separator {separator!r}" in done.output or "--separator ';'" in done.output


def test_a_folder_is_no_table(command, tmp_path):
    (tmp_path / "tables").mkdir()
    done = command(table="tables")
    assert done.exit_code == 2 and "tables is a folder" in done.output


def test_a_name_too_long_is_told_the_limit(command, tmp_path):
    people().to_csv(tmp_path / "table.csv", index=False)
    assert "at most 60 characters" in command(name="a" * 61).output
    assert command(name="a" * 60).exit_code == 0


def test_a_column_without_a_name_is_told_as_such(drafted):
    times = pd.date_range("2024-01-01", periods=N, freq="h").astype(str)
    _, made, _ = drafted(people(**{"": np.random.default_rng(4).normal(size=N), "when": times}))
    assert made.left_out == {"": "it has no name", "when": "it is a time"}


def test_a_time_is_suggested_with_the_day_after_its_newest_row(drafted):
    times = pd.date_range("2024-01-01", periods=N, freq="h").astype(str)
    spec, made, path = drafted(people(when=times))
    text = path.read_text(encoding="utf-8")
    assert "# as_of: 2024-01-26" in text and any("as_of: 2024-01-26" in note for note in made.notes)
    start, end = text.index("  holdout:\n"), text.index("  min_rows")
    path.write_text(text[:start].replace("  # time_column", "  time_column").replace("  # as_of", "  as_of")
                    .replace("  # holdout", "  holdout").replace("days: 30", "days: 5") + text[end:], encoding="utf-8")
    spec = load_spec(path.parent)
    assert len(read_table(spec, path.parent).frame) == N


def test_utf_16_is_named_for_what_it_is(drafted, tmp_path):
    (tmp_path / "wide.csv").write_bytes(people().to_csv(index=False).encode("utf-16"))
    workspace = Workspace.from_environment({}, tmp_path)
    with pytest.raises(SourceError, match="--encoding utf-16"):
        write_draft(workspace, "mine", str(tmp_path / "wide.csv"), "left")
    path, _ = write_draft(workspace, "mine", str(tmp_path / "wide.csv"), "left", encoding="utf-16")
    assert len(read_table(load_spec(path.parent), path.parent).frame) == N
