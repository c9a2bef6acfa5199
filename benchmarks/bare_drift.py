"""The floor of benchmarks/drift.py: Evidently's PSI report and nothing else.

    python -m benchmarks.bare_drift ROWS.parquet BUNDLE PAGE.html
"""

import json
import os
import sys
from pathlib import Path


def main(rows, bundle, page):
    """Compare every row of the file with the bundle's reference and write the page; return how many rows it had."""
    os.environ["DO_NOT_TRACK"] = "true"
    import pandas
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    columns = json.loads((Path(bundle) / "spec.json").read_text(encoding="utf-8"))["columns"]
    texts = [column["name"] for column in columns if column["kind"] == "category"]
    numbers = [column["name"] for column in columns if column["kind"] != "category"]
    current, reference = (pandas.read_parquet(path, columns=[*numbers, *texts])
                          for path in (rows, Path(bundle) / "reference.parquet"))
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=texts)
    Report([DataDriftPreset(method="psi")]).run(
        Dataset.from_pandas(current, definition), Dataset.from_pandas(reference, definition)).save_html(page)
    return len(current)


if __name__ == "__main__":
    print(json.dumps({"rows": main(*sys.argv[1:])}))
