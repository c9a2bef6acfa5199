"""Bodies of requests on disk, one per line, cut from the rows of the holdout month."""

import json

COUNTS = {1: 1_000, 10: 500, 1_000: 20, 10_000: 2}


def write_bodies(server, shape, rows, folder):
    """Write the bodies with `rows` rows each that `server` takes in a shape; return the path of the file."""
    path = folder / f"{server.name}-{shape}-{rows}.jsonl"
    if not path.is_file():
        given = server.prepared.rows
        with open(path, "w", encoding="utf-8") as file:
            for number in range(min(COUNTS[rows], len(given) // rows)):
                chosen = given[number * rows:(number + 1) * rows]
                file.write(json.dumps(server.body(shape, chosen), separators=(",", ":")) + "\n")
    return path
