"""Plain FastAPI and ONNX Runtime: the graph of the bundle, one thread, one call for a batch."""

import numpy
import onnxruntime
from fastapi import FastAPI
from row import COLUMNS, FOLDER, Batch, Row, decided

app = FastAPI()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(str(FOLDER / "bundle" / "model.onnx"), options)
TYPES = {name: object if kind == "category" else numpy.float64 for name, kind in COLUMNS.items()}


@app.get("/ready")
async def ready():
    return {"ready": True}


@app.post("/predict")
async def predict(row: Row):
    feeds = {name: numpy.array([[getattr(row, name)]], dtype=kind) for name, kind in TYPES.items()}
    return decided(float(session.run(["probabilities"], feeds)[0][0, -1]))


@app.post("/predict/batch")
async def predict_batch(batch: Batch):
    feeds = {name: numpy.array([[getattr(row, name)] for row in batch.instances], dtype=kind)
             for name, kind in TYPES.items()}
    probabilities = session.run(["probabilities"], feeds)[0][:, -1]
    return {"predictions": [decided(probability) for probability in probabilities.tolist()]}
