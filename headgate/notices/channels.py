"""Where notices go: HEADGATE_NOTIFY and the model's own `notify`. Imports nothing that sends."""

import os
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from headgate.data.places import VARIABLE, unset

BETWEEN = re.compile(r"[\s,]*\s[\s,]*|,+(?=\$\{|[A-Za-z][A-Za-z0-9+.-]*://)")
WITH_HOST = ("http", "https", "json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos")
SECRET = 6      # shorter pieces of a URL hide nothing


@dataclass(frozen=True, repr=False)
class Channel:
    """name : may be shown and kept. url : with its secrets, neither. trouble : why there is no URL."""

    name: str
    url: str = ""
    trouble: str = ""

    def __repr__(self):
        return f"Channel({self.name!r})"

    def scrub(self, text):
        """Return `text` as one line without the pieces of the URL, those in the name aside."""
        text = " ".join(str(text).split())
        pieces = {one for piece in re.split(r"[/:@?&=,#]+", self.url) for one in (piece, unquote(piece))}
        for piece in sorted(pieces, key=len, reverse=True):
            if len(piece) >= SECRET and piece not in self.name:
                text = text.replace(piece, "***")
        return text


def find_channels(notify=None, environment=None):
    """Return the channels of HEADGATE_NOTIFY and of a spec's `notify`, each URL once, variables filled in.

    One whose ${VARIABLE} is not set has a `trouble` instead of a URL.
    """
    environment = os.environ if environment is None else environment
    written = [*split(environment.get("HEADGATE_NOTIFY", "")), *(notify.to if notify else ())]
    found, names = {}, []
    for template in dict.fromkeys(written):
        channel = _channel(template, environment)
        if (channel.url or channel.name) not in found:
            names.append(channel.name)
            count = names.count(channel.name)
            name = channel.name if count == 1 else f"{channel.name} {count}"
            found[channel.url or channel.name] = Channel(name, channel.url, channel.trouble)
    return tuple(found.values())


def split(text):
    """Return the URLs of a text, which stand between spaces or commas; a comma inside of a URL is its own."""
    return [one.strip(",") for one in BETWEEN.split(text) if one.strip(",")]


def _channel(template, environment):
    missing = unset(template, environment)
    if missing:
        return Channel(_name(template), trouble=f"{', '.join(missing)} is not set")
    url = VARIABLE.sub(lambda match: environment[match[1]], template).strip()
    return Channel(_name(url), url) if url else Channel(template, trouble="it is empty")


def _name(url):
    """Return scheme and, where that is none of its secrets, the host."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url if VARIABLE.fullmatch(url) else "channel"
    try:
        host = urlsplit(url).hostname if scheme.lower() in WITH_HOST else None
    except ValueError:
        host = None
    return f"{scheme.lower()}://{host}" if host else scheme.lower()
