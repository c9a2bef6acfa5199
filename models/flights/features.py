"""What a flight's raw columns say together."""

import math


def engineer_features(columns):
    """Return new numeric columns; each row is computed from that row alone."""
    xp = columns["dep_delay"].__array_namespace__()
    delay, distance = columns["dep_delay"], columns["distance"]
    hour, minute = columns["hour"], columns["minute"]
    turn = 2 * math.pi * (hour + minute / 60) / 24
    north = 2 * math.pi * columns["wind_dir"] / 360
    quarter = math.pi / 2   # a cosine is a sine a quarter turn on, and ONNX Runtime has only the sine in float64
    late = (delay + xp.abs(delay)) / 2      # no minutes when early
    return {
        "delay_squared": delay ** 2,
        "delay_log": xp.log(1 + late),
        "delay_per_100_miles": 100 * delay / distance,
        "delay_by_distance": delay * distance,
        "distance_log": xp.log(distance),
        "hour_sin": xp.sin(turn),
        "hour_cos": xp.sin(turn + quarter),
        "dew_spread": columns["temp"] - columns["dewp"],
        "wind_north": columns["wind_speed"] * xp.sin(north + quarter),
        "wind_east": columns["wind_speed"] * xp.sin(north),
        "delay_bin": _bins(xp, delay, (0, 15, 30, 60)),
        "distance_bin": _bins(xp, distance, (500, 1000, 2000)),
    }


def _bins(xp, values, edges):
    """Return how many edges each value has reached, as a number."""
    reached = values[..., None] >= xp.asarray(edges, dtype=xp.float64)
    return xp.sum(xp.astype(reached, xp.float64), axis=-1)
