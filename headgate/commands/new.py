"""`python -m headgate new NAME --from TABLE --target COLUMN`: a draft of model.yaml read off a table."""

import os
import re
import uuid
from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.errors import SpecError, StorageError
from headgate.workspace import Workspace

LONGEST_NAME = 60
NAME = re.compile(rf"[a-z][a-z0-9_-]{{0,{LONGEST_NAME - 1}}}")
USUAL = {"encoding": "utf-8", "separator": ",", "decimal": ".", "thousands": ""}


def new(
    name: Annotated[str, typer.Argument(help="Name of the model and of its folder under models/.")],
    table: Annotated[str, typer.Option("--from", help="CSV or Parquet file, or its URL.")],
    target: Annotated[str, typer.Option("--target", help="The column to predict; it must hold classes.")],
    encoding: Annotated[str, typer.Option(help="Text encoding of a CSV.")] = "utf-8",
    separator: Annotated[str, typer.Option(help="Column separator of a CSV; '\\\\t' is a tab.")] = ",",
    decimal: Annotated[str, typer.Option(help="Decimal mark of the numbers of a CSV.")] = ".",
    thousands: Annotated[str, typer.Option(help="Mark between groups of three digits in a CSV.")] = "",
    json_output: JsonOption = False,
):
    """Draft models/NAME/model.yaml for a table of your own.

    Columns, kinds, ranges and categories are read off the table; comments say where a person should look.

    Examples:

      python -m headgate new churn --from customers.csv --target left

      python -m headgate new wine --from wine.csv --separator ";" --target quality

      python -m headgate new houses --from haeuser.csv --separator ";" --decimal , --thousands . --target sold
    """
    with command_errors(json_output):
        path, made = write_draft(Workspace.from_environment(), name, table, target, encoding=encoding,
                                 separator=separator, decimal=decimal, thousands=thousands)
        left_out = {str(column): why for column, why in made.left_out.items()}
        finish(json_output, {"model": name, "file": str(path), "columns": list(made.listed), "left_out": left_out,
                             "notes": list(made.notes)}, _told(path, made))


def write_draft(workspace, name, table, target, **how):
    """Write models/NAME/model.yaml in one step; return (path, Draft). Refuses to overwrite a file.

    how : encoding, separator, decimal and thousands of a CSV, where they are not the usual ones.
    """
    from headgate.spec.draft import draft
    path = workspace.root / "models" / name / "model.yaml"
    if not NAME.fullmatch(name):
        raise SpecError("A model's name is lower-case letters, digits, - and _, beginning with a letter.", value=name,
                        limit=f"at most {LONGEST_NAME} characters")
    if path.exists():
        raise SpecError(f"{path} exists already.", remedy="Choose another name, or delete it first.")
    source = _source(table, path.parent, workspace.root, how)
    made = draft(name, _read(source, path.parent), target, source)
    _parse(made.text)
    _write(path, made.text)
    return path, made


def _source(table, folder, root, how):
    """Return the mapping under data.source: a path in the checkout relative to the model, any other absolute."""
    from headgate.data.places import replacement
    place = replacement(table)
    where = table if place.remote else _stated(Path(place.address).resolve(), folder, root)
    if place.parquet:
        return {"parquet": where}
    stated = {key: value for key, value in how.items() if value != USUAL[key]}
    if "separator" in stated:
        stated["separator"] = _one_character(stated["separator"])
    return {"csv": where, **stated}


def _one_character(separator):
    r"""Return a separator as one character; a shell's \t is a tab."""
    if separator == r"\t":
        return "\t"
    if len(separator) != 1:
        raise SpecError("The columns of a CSV are separated by one character.", value=repr(separator),
                        limit=r"one character such as ; or | or \t for a tab", remedy="Give another --separator.")
    return separator


def _stated(path, folder, root):
    if path.is_relative_to(root):
        return Path(os.path.relpath(path, folder)).as_posix()
    return path.as_posix()


def _read(source, folder):
    """Read the whole table, every cell of a CSV as it is written."""
    from pydantic import ValidationError

    from headgate.data.cells import Cells
    from headgate.data.tables import read_source
    from headgate.spec.load import explain
    from headgate.spec.sources import Source
    try:
        checked = Source.model_validate(source)
    except ValidationError as error:
        raise SpecError(explain("The table's source", error)) from None
    return read_source(checked, folder, cells=Cells(as_written=True)).frame


def _parse(text):
    """Prove that the draft is a spec before it is written."""
    import yaml

    from headgate.spec import ModelSpec
    return ModelSpec.model_validate(yaml.safe_load(text))


def _write(path, text):
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        part.unlink(missing_ok=True)


def _told(path, made):
    lines = [f"Wrote {path} with {len(made.listed)} columns."]
    lines += [f"  left out {name!r}: {why}" for name, why in made.left_out.items()]
    lines += [f"  look: {note}" for note in made.notes]
    return "\n".join([*lines, f"Read it, correct it, then: python -m flows.train --model {path.parent.name}"])
