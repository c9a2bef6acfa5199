"""The floor: FastAPI reads and validates the body, and answers a constant."""

from fastapi import FastAPI
from row import Batch, Row

app = FastAPI()


@app.get("/ready")
async def ready():
    return {"ready": True}


@app.post("/predict")
async def predict(row: Row):
    return {"prediction": "on time", "probability": 0.5}


@app.post("/predict/batch")
async def predict_batch(batch: Batch):
    return {"predictions": [{"prediction": "on time", "probability": 0.5}] * len(batch.instances)}
