"""The shapes of the answers, as the OpenAPI document tells them."""

from pydantic import BaseModel, ConfigDict, Field

from api.models.ids import PATTERN


class Answer(BaseModel):
    model_config = ConfigDict(protected_namespaces=())


class Root(Answer):
    """Where to go from here."""

    message: str = Field(examples=["Headgate serves flights."])
    version: str = Field(description="Of Headgate.", examples=["0.1.0"])
    links: dict[str, str]


class Serving(Answer):
    """Which version of a model answers."""

    version: str
    role: str
    digest: str = Field(description="SHA-256 of the bundle's manifest.")


class Source(Answer):
    """Where versions come from: `registry` or `folder`."""

    kind: str
    place: str
    alias: str = Field("champion", description="Whose versions it takes, where a model has one: champion, staging.")
    trouble: str = Field("", description="Why it cannot be read at the moment.")


class Refusal(Answer):
    """A version that was not taken, so that another one serves or none."""

    version: str
    digest: str
    why: str
    at: str


class Health(Answer):
    """The service is alive; `degraded` when something needs a person, `starting` before it looked for versions."""

    status: str = Field(examples=["ok"], json_schema_extra={"enum": ["ok", "degraded", "starting"]})
    model_loaded: bool
    timestamp: str
    source: Source
    models: dict[str, Serving]


class Readiness(Health):
    """Whether the default model answers, and what is refused and why."""

    ready: bool
    why: str = Field("", description="Why it is not ready.")
    refused: dict[str, Refusal] = Field(description="By model.")
    log_trouble: str = Field("", description="Why predictions wait on their way to the database.")
    keys_trouble: str = Field("", description="Why the file of API keys lets nobody in.")


class ModelName(Answer):
    name: str
    version: str
    role: str
    default: bool
    description: str
    links: dict[str, str]


class Models(Answer):
    """Every model that is served."""

    models: list[ModelName]
    count: int


class Gate(Answer):
    model_config = ConfigDict(extra="allow")
    name: str
    verdict: str
    observed: float | None = None
    limit: float | None = None
    sentence: str = ""


class ModelInfo(Answer):
    """A version: what made it, how it was judged, what it takes and answers."""

    name: str
    version: str
    role: str
    digest: str
    description: str
    algorithm: str
    classes: list[str]
    labels: dict[str, str]
    threshold: float | None = Field(description="Binary: the last class from this probability on.")
    metrics: dict[str, float | None]
    signature: dict = Field(description="`inputs`: JSON Schema of a row; `outputs`: class to probability.")
    decision: str
    gates: list[Gate]
    lineage: dict


class Feedback(BaseModel):
    """What turned out to be true."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [
        {"prediction_id": "flights.0192f3a1b2c34d5e6f708192a3b4c5d6", "label": "late"}]})
    prediction_id: str = Field(pattern=PATTERN, description="As the prediction was answered.")
    label: str = Field(min_length=1, max_length=255, description="The true class, one of the model's classes.")


class Stored(Answer):
    """The label is stored durably; `known` when it had been before."""

    prediction_id: str
    label: str
    status: str = Field(json_schema_extra={"enum": ["stored", "known"]})


class Moved(Answer):
    """Who serves after a reload or a rollback."""

    name: str
    version: str
    before: str
    changed: bool
    refused: Refusal | None = None


class RowError(Answer):
    index: int | None = Field(None, description="Row of a batch, from 0.")
    field: str
    value: str = Field(description="As JSON, cut if long.")
    limit: str
    message: str


class Problem(Answer):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[RowError] = Field([], description="Of a request whose rows cannot be used: the first of them.")
    rows: int | None = Field(None, description="How many rows cannot be used.")
