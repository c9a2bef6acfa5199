"""What the Prefect UI shows of a run: tables of checks and gates, and where the reports are."""

from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact


@task(name="show", task_run_name="show {kind}")
def show_gates(kind, model, gates, sentence):
    """Keep the table of gates as an artifact of the run."""
    rows = [{"gate": gate["name"], "observed": gate["observed"], "limit": gate["limit"],
             "verdict": gate["verdict"], "why": gate["sentence"]} for gate in gates]
    create_table_artifact(table=rows, key=artifact_key(model, "gates"), description=sentence)


@task(name="show", task_run_name="show {kind}")
def show_document(kind, model, path, links):
    """Keep a Markdown report as an artifact, with links to the files and the MLflow run."""
    lines = [f"- {name}: `{place}`" for name, place in links.items() if place]
    text = "\n".join(lines) + "\n\n" + Path(path).read_text(encoding="utf-8")
    create_markdown_artifact(markdown=text, key=artifact_key(model, kind))


def artifact_key(model, kind):
    """Return the key under which Prefect keeps the history of one kind of artifact of a model."""
    return f"{model.replace('_', '-')}-{kind}"
