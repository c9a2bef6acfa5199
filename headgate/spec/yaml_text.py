"""Read YAML as a model.yaml means it: what looks like a date, a yes or a postcode stays the text that was written."""

import re
from collections.abc import Hashable

import yaml

DATES, BOOLEANS, INTEGERS = (f"tag:yaml.org,2002:{name}" for name in ("timestamp", "bool", "int"))


def parse(text):
    """Return the document of `text`; raises yaml.YAMLError, also for a key written twice."""
    try:
        return yaml.load(text, Loader=_AsWritten)
    except (ValueError, RecursionError) as error:      # a tag on a text that it does not fit, such as !!int abc
        raise yaml.YAMLError(f"a value does not fit its tag, or is nested too deep: {error}") from None


class _AsWritten(yaml.SafeLoader):
    """A YAML loader for which a key written twice is an error.

    Only true and false are booleans: YAML 1.1 would read `on`, `no` and `yes` so too, which are names of columns and
    classes here. Dates stay text, for the spec says where a date belongs. So do 02139 (YAML 1.1: an octal number) and
    12:30 (a number to the base of 60).
    """

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} cannot be a key", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is written twice",
                                                        key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_AsWritten.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag not in (DATES, BOOLEANS, INTEGERS)]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()}
_AsWritten.add_implicit_resolver(BOOLEANS, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_AsWritten.add_implicit_resolver(INTEGERS, re.compile(r"^[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F]+)$"),
                                 list("-+0123456789"))
