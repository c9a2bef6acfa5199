"""What a server has to say about itself to be compared."""

from benchmarks.serving.environments import environment
from benchmarks.serving.processes import free_port, start

TYPES = {"number": "float64", "integer": "int64", "boolean": "int64", "category": "object"}


class Server:
    """One way to serve the model; a subclass says how.

    paths : shape of a request -> path. Shapes: "single" one row; "instances" a list of rows; "columns" a column to
    its values. tolerance : largest difference of a probability from what the graph answers.
    """

    name = label = ""
    needs = "plain"
    ready = "/ready"
    paths = {"single": "/predict", "instances": "/predict/batch"}
    tolerance = 1e-3
    headers = ()

    def __init__(self, prepared, cache, place):
        """prepared : Prepared. cache : what is kept between runs. place : a directory of this run."""
        self.prepared, self.place = prepared, place
        self.python = environment(self.needs, cache) if self.needs else None
        self.build()

    def build(self):
        """Write the files that the server serves from."""

    def command(self, port):
        """Return the arguments that start it on `port`."""
        raise NotImplementedError

    def environment(self, port):
        """Return what its environment has more."""
        return {}

    def body(self, shape, rows):
        """Return the JSON value that asks for `rows` (dicts) in a shape."""
        if shape == "single":
            return rows[0]
        return {"instances": rows} if shape == "instances" else {"columns": as_columns(rows)}

    def probabilities(self, shape, answer):
        """Return the probability of the last class for each row of a parsed answer."""
        raise NotImplementedError

    def start(self, wait=True):
        """Start it and return Running."""
        port = free_port()
        running = start(self.command(port), port=port, environment=self.environment(port), ready=self.ready, wait=wait,
                        log=self.place / f"{self.name}.log")
        running.headers = self.headers
        return running


def as_columns(rows):
    """Return column -> list of values."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def frame_types(spec):
    """Return column -> dtype of a frame of requests."""
    return {column["name"]: TYPES[column["kind"]] for column in spec["columns"]}
