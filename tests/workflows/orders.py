"""The model of the team in which the workflows run: its spec and its table, as text of files."""

import shop
import yaml

PLACE = "data/shop.csv"
MODEL = "models/shop/model.yaml"


def spec(**changes):
    """Return the text of its model.yaml, top-level parts replaced."""
    return yaml.safe_dump({**shop.SPEC, "data": {**shop.SPEC["data"], "source": {"csv": f"../../{PLACE}"}}, **changes})


def table(**wishes):
    """Return the text of its CSV."""
    return shop.orders(**wishes).to_csv(index=False)


def spoilt():
    """Return a table with a price that no order can have."""
    frame = shop.orders()
    frame.loc[3, "price"] = 4711
    return frame.to_csv(index=False)
