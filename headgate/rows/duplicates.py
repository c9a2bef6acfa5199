"""A JSON object may name a key twice, and parsers silently keep the last: here that is an error."""

import json

from headgate.rows.problem import NotJson, shown


def check_said_once(body, keys, texts):
    """Raise NotJson if an object in `body` (bytes of valid JSON) names a key twice.

    keys, texts : how many keys, and texts as values, a parser found. Without a duplicate, and with no quotation mark
    inside of a text, the body has exactly two quotation marks for each; only otherwise is it read once more.
    """
    if body.count(b'"') != 2 * (keys + texts):
        json.loads(body, object_pairs_hook=said_once)


def check_plain(body):
    """Raise NotJson unless `body` (bytes) is one JSON value in UTF-8 in which no object names a key twice."""
    try:
        json.loads(body.decode(), object_pairs_hook=said_once)
    except (ValueError, RecursionError) as error:
        raise NotJson("The body is not JSON.", value=str(error)) from None


def said_once(pairs):
    """Return the dict of an object's pairs; raise NotJson if one key stands there twice. A hook of `json.loads`."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJson(f"{shown(twice)} stands twice in one object.", limit="each name once")
    return found
