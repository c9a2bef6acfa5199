"""A post office asks which letters will be late; from November on queues are long, and more hands are there for them.

Months are told by their number in 2025. A third of the letters is in the table; the others are handed in at a counter,
which asks the service and tells it later what came of them, so that the prediction log alone knows them.
"""

from datetime import date

import numpy as np
import pandas as pd
import yaml

DAY_ROWS, DAYS, COUNTERS = 30, 30, 2 / 3
OCTOBER, NOVEMBER, DECEMBER = 10, 11, 12
COLUMNS = [{"name": "queue", "kind": "number", "range": [0, 100], "description": "Letters in front of this one"},
           {"name": "weight", "kind": "number", "range": [0, 2000], "unit": "g"},
           {"name": "service", "kind": "category", "categories": ["letter", "parcel"]}]
SPEC = {"name": "letters", "description": "Will the letter be late?",
        "data": {"source": {"csv": "../../letters.csv"}, "key": ["letter"], "time_column": "sent_at",
                 "window_days": DAYS, "holdout": {"days": 10}},
        "columns": COLUMNS, "slices": ["service"], "target": {"column": "late", "classes": ["no", "yes"]},
        "algorithms": ["logistic_regression"], "drift": {"min_rows": 300}, "retraining": {"min_labelled": 300},
        "rollout": {"bootstrap": False, "watch_seconds": 1}}


def month(number, *, wrong=0.0):
    """Return the letters of the last 30 days of a month of 2025; the share `wrong` has the other answer."""
    rows, end = DAY_ROWS * DAYS, pd.Timestamp(end_of(number))
    draw = np.random.default_rng(number)
    shortest, bearable = (40, 9) if number >= NOVEMBER else (0, 7)
    queue, weight = draw.uniform(shortest, 100, rows).round(), draw.uniform(0, 2000, rows).round()
    service = draw.choice(["letter", "parcel"], rows)
    score = queue / 10 + weight / 1000 + 2.0 * (service == "parcel")
    late = (score > bearable) ^ (draw.random(rows) < wrong)
    sent = end - pd.to_timedelta(np.arange(rows, 0, -1) * 24 / DAY_ROWS, "h")
    return pd.DataFrame({
        "letter": [f"{number}-{place}" for place in range(rows)], "sent_at": sent.strftime("%Y-%m-%dT%H:%M:%S"),
        "queue": queue, "weight": weight, "service": service,
        "late": np.where(late, "yes", "no")})


def end_of(number):
    """Return the first day after a month of 2025."""
    return date(2025 + number // 12, number % 12 + 1, 1)


def at_counters(letters):
    """Return a mask (n,) of the letters that are not in the table."""
    return np.arange(len(letters)) % 3 < round(3 * COUNTERS)


def stand_at(root, number, *tables):
    """Let the post office stand at the end of a month, with `tables` as its whole table."""
    folder = root / "models" / "letters"
    folder.mkdir(parents=True, exist_ok=True)
    spec = {**SPEC, "data": {**SPEC["data"], "as_of": end_of(number)}}
    (folder / "model.yaml").write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    pd.concat(tables).to_csv(root / "letters.csv", index=False)
