"""The BentoML service: the pickled pipeline on a frame."""

import os
from pathlib import Path

import bentoml
import cloudpickle
import pandas


@bentoml.service(workers=1, logging={"access": {"enabled": False}}, traffic={"timeout": 60})
class Flights:
    def __init__(self):
        with open(Path(os.environ["BENCHMARK_MODEL"]) / "forest.pkl", "rb") as file:
            self.pipeline = cloudpickle.load(file)

    @bentoml.api
    def predict(self, rows: pandas.DataFrame) -> list[float]:
        return self.pipeline.predict_proba(rows)[:, -1].tolist()
