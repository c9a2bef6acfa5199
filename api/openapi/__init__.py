"""The OpenAPI document: what FastAPI knows of its routes, and the prediction routes built from each model's columns."""
