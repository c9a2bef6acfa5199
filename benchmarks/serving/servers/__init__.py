"""The servers that are compared, by name."""

from benchmarks.serving.servers.bento import BentoML
from benchmarks.serving.servers.headgate import Headgate
from benchmarks.serving.servers.mlflow import MLflow
from benchmarks.serving.servers.mlserver import MLServer
from benchmarks.serving.servers.plain import Floor, PlainForest, PlainGraph

SERVERS = {server.name: server for server in (Headgate, Floor, PlainGraph, PlainForest, MLflow, MLServer, BentoML)}
RIVALS = ("mlflow", "mlserver", "bentoml")
