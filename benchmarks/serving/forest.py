"""The forest of a bundle once more, as an ordinary scikit-learn pipeline from raw columns, and rows to ask it about.

    python -m benchmarks.serving.forest FOLDER SNAPSHOTS

FOLDER holds bundle/; forest.pkl and rows.json are written beside it. The pipeline is fitted on the rows that the bundle
was trained on, with the same parameters, order of columns and seed; to be loaded it needs scikit-learn, pandas, NumPy
and cloudpickle.
"""

import json
import runpy
import sys
from pathlib import Path

import cloudpickle
import numpy
import pandas
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder

ROWS, ALIKE = 20_000, 1e-3


def main(folder, snapshots):
    """Fit, choose rows, write."""
    bundle = Path(folder) / "bundle"
    spec, lineage = (json.loads((bundle / f"{name}.json").read_text(encoding="utf-8")) for name in ("spec", "lineage"))
    train, holdout = split(bundle, Path(snapshots), lineage)
    engineer = runpy.run_path(bundle / "features.py")["engineer_features"]
    y = (train[spec["target"]["column"]] == spec["target"]["classes"][-1]).to_numpy(dtype=numpy.int64)
    columns = [column["name"] for column in spec["columns"]]
    pipeline = pipeline_of(spec, engineer, lineage).fit(train[columns], y)
    pipeline[-1].n_jobs = 1
    with open(Path(folder) / "forest.pkl", "wb") as file:
        cloudpickle.dump(pipeline, file)
    asked = holdout[columns].sample(min(ROWS, len(holdout)), random_state=0)
    probabilities = answers_of(bundle, asked)
    apart = numpy.abs(pipeline.predict_proba(asked)[:, -1] - probabilities).mean()
    if apart > ALIKE:
        raise SystemExit(f"The forest of the bundle is another one, trained with other defaults: probabilities differ "
                         f"by {apart:.4f} in the mean, at most {ALIKE} may be. Train again with --force.")
    write_rows(Path(folder) / "rows.json", spec, asked, probabilities)


def split(bundle, snapshots, lineage):
    """Return (training rows, rows of the holdout) of the snapshot that the bundle was trained on."""
    from headgate.bundle.read import read_spec
    from headgate.data import HoldoutRule, Snapshot, read_snapshot

    path = snapshots / f"{lineage['data_digest']}.parquet"
    if not path.is_file():
        raise SystemExit(f"{path} is no longer there; train again with --force, or give another --home.")
    frame = read_snapshot(Snapshot(path.resolve().as_uri(), lineage["data_digest"], lineage["training_rows"]))
    judged = HoldoutRule.from_dict(lineage["holdout"]).holdout_mask(frame, read_spec(bundle))
    return frame[~judged], frame[judged]


def pipeline_of(spec, engineer, lineage):
    """Return the unfitted pipeline: numbers, engineered features, flags of what was missing, category codes."""
    from headgate.learning.algorithms import recipe_of

    numbers = [column["name"] for column in spec["columns"] if column["kind"] != "category"]
    nullable = [column["name"] for column in spec["columns"] if column["kind"] != "category" and column["nullable"]]
    lists = {column["name"]: column["categories"] for column in spec["columns"] if column["kind"] == "category"}
    made = list(engineer({name: numpy.ones(1) for name in numbers}))
    encoder = OrdinalEncoder(categories=list(lists.values()), handle_unknown="use_encoded_value",
                             unknown_value=max(map(len, lists.values())))
    prepare = ColumnTransformer([("numbers", SimpleImputer(strategy="median"), [*numbers, *made]),
                                 ("missing", MissingIndicator(features="all"), nullable),
                                 ("categories", encoder, list(lists))])
    features = FunctionTransformer(with_features, kw_args={"engineer": engineer, "numbers": numbers,
                                                           "categories": list(lists)})
    parameters = recipe_of("random_forest").defaults | lineage["parameters"]
    forest = RandomForestClassifier(random_state=lineage["seed"], n_jobs=-1, **parameters)
    return Pipeline([("features", features), ("prepare", prepare), ("forest", forest)])


def with_features(frame, engineer, numbers, categories):
    """Return a frame of the numbers, what features.py makes of them, and the categories."""
    columns = {name: frame[name].to_numpy(dtype=float) for name in numbers}
    with numpy.errstate(all="ignore"):
        made = engineer(columns)
    return pandas.DataFrame({**columns, **made, **{name: frame[name].to_numpy() for name in categories}})


def answers_of(bundle, frame):
    """Return (n,) the graph's probabilities of the last class."""
    from headgate.bundle.read import read_spec
    from headgate.data import to_columns
    from headgate.graph.scorer import Scorer

    return Scorer(bundle / "model.onnx").probabilities(to_columns(frame, read_spec(bundle)))[:, -1]


def write_rows(path, spec, frame, probabilities):
    """Write rows as requests give them, with the graph's probability of the last class for each."""
    kinds = {column["name"]: column["kind"] for column in spec["columns"]}
    columns = {name: [cell(value, kinds[name]) for value in frame[name]] for name in kinds}
    rows = [dict(zip(columns, values)) for values in zip(*columns.values())]
    path.write_text(json.dumps({"rows": rows, "probabilities": probabilities.tolist()}), encoding="utf-8")


def cell(value, kind):
    """Return one value as JSON has it."""
    if value != value:
        return None
    return str(value) if kind == "category" else int(value) if kind in ("integer", "boolean") else float(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
