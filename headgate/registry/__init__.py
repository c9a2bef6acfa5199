"""Registered versions, who of them serves, and how they come and go.

Import what is needed from its module; `headgate.registry.mlflow_store` alone imports MLflow.
"""
