"""The one door to apprise, which knows Slack, Teams, e-mail and a hundred more. Imported when something is sent."""

import logging
import threading
import time
from urllib.parse import parse_qsl, urlsplit

from headgate.notices.text import as_markdown, as_text

SECONDS = 10.0      # for all channels together, whatever they do
READ_SECONDS = 8.0


def deliver(letters, *, seconds=SECONDS):
    """Send each channel its notice, all at once; return {name: None, or why it did not get there}.

    letters : (channel, notice) each. Returns after `seconds` at the latest; what has not answered by then counts as
    failed.
    """
    outcome = {one.name: one.trouble or f"no answer within {seconds:g} seconds" for one, _ in letters}
    threads = [threading.Thread(target=_attempt, args=(one, notice, outcome), daemon=True, name=f"notify {one.name}")
               for one, notice in letters if not one.trouble]
    limit = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, limit - time.monotonic()))
    return dict(outcome)


def _attempt(channel, notice, outcome):
    heard = _Heard()
    logger = logging.getLogger("apprise")
    logger.propagate = False        # what it has to say is said by Headgate, without secrets
    logger.addHandler(heard)
    try:
        sent = _send(channel.url, notice)
        outcome[channel.name] = None if sent else channel.scrub(heard.last)
    except Exception as error:      # of whatever a hundred plugins may raise; it is the channel that failed
        outcome[channel.name] = channel.scrub(f"{type(error).__name__}: {error}")
    finally:
        logger.removeHandler(heard)


def _send(url, notice):
    import apprise

    plugin = apprise.Apprise.instantiate(url) or _webhook(apprise, url)
    if plugin is None:
        raise ValueError("this is no channel that apprise knows")
    if plugin.service_name == "JSON":
        plugin.payload_extras = {"kind": notice.kind, "model": notice.model, **plugin.payload_extras}
    if plugin.socket_read_timeout == apprise.URLBase.socket_read_timeout:
        plugin.socket_read_timeout = READ_SECONDS
    door = apprise.Apprise()
    door.add(plugin)
    plain = plugin.notify_format == apprise.NotifyFormat.TEXT
    return door.notify(title=notice.title, body=as_text(notice) if plain else as_markdown(notice),
                       body_format=apprise.NotifyFormat.TEXT if plain else apprise.NotifyFormat.MARKDOWN,
                       notify_type=apprise.NotifyType(notice.sort.severity))


def _webhook(apprise, url):
    """Return what posts JSON to a plain web address, or None when it is none."""
    parts = urlsplit(url)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    secure = parts.scheme.lower() == "https"
    return apprise.Apprise.instantiate({
        "schema": "jsons" if secure else "json", "secure": secure, "host": parts.hostname, "port": parts.port,
        "user": parts.username, "password": parts.password, "fullpath": parts.path,
        "params": dict(parse_qsl(parts.query, keep_blank_values=True))})


class _Heard(logging.Handler):
    """Keeps the last complaint of the thread that made it."""

    def __init__(self):
        super().__init__(level=logging.WARNING)
        self.thread_id, self.last = threading.get_ident(), "it was refused"

    def emit(self, record):
        if record.thread == self.thread_id:
            self.last = record.getMessage()
