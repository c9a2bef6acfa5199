"""Plain FastAPI and scikit-learn: the pickled pipeline on a frame of what was sent."""

import cloudpickle
import pandas
from fastapi import FastAPI
from row import FOLDER, Batch, Row, decided

app = FastAPI()
with open(FOLDER / "forest.pkl", "rb") as file:
    pipeline = cloudpickle.load(file)


@app.get("/ready")
async def ready():
    return {"ready": True}


@app.post("/predict")
async def predict(row: Row):
    return decided(pipeline.predict_proba(pandas.DataFrame([row.model_dump()]))[0, -1].item())


@app.post("/predict/batch")
async def predict_batch(batch: Batch):
    frame = pandas.DataFrame([row.model_dump() for row in batch.instances])
    return {"predictions": [decided(probability) for probability in pipeline.predict_proba(frame)[:, -1].tolist()]}
