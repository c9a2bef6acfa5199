"""What a version says about itself."""

from api import answers
from api.openapi.predictions import answer_schemas, batch_operation, row_operation
from api.openapi.rows import row_schema, statistics_of
from api.pages import card
from headgate.errors import BundleBroken


def model_facts(served):
    """Return the ModelInfo of a Served."""
    spec, lineage, gates = served.spec, served.facts["lineage"], served.facts["gates"]
    found = served.facts["evaluation"].get("metrics", {})
    return answers.ModelInfo(
        name=served.model, version=served.version, role=served.role, digest=served.digest, description=spec.description,
        algorithm=lineage.get("algorithm", ""), classes=list(served.classes),
        labels=dict(zip(served.classes, served.labels)), threshold=spec.target.threshold if spec.binary else None,
        metrics={name: value for name, value in found.items() if value is None or isinstance(value, (int, float))},
        signature={"inputs": row_schema(spec, statistics_of(served)),
                   "outputs": {name: "probability" for name in served.classes}},
        decision=gates.get("decision", ""), gates=gates.get("gates", []), lineage=lineage)


def check_facts(served, folder):
    """Raise BundleBroken for a Served whose reports cannot be told: pages and documents would end in errors."""
    try:
        model_facts(served).model_dump_json()
        row_operation(served), batch_operation(served), answer_schemas(served, limit=1), card(served, True, False)
    except Exception as error:      # whatever is written there
        raise BundleBroken(f"{folder}: lineage, evaluation, gates or reference cannot be told.",
                           value=f"{type(error).__name__}: {error}"[:300]) from None
