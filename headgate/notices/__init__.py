"""Notices to people: what happened, why, what serves now, where to look; one per change of state."""

from headgate.notices.channels import find_channels
from headgate.notices.notice import Notice
from headgate.notices.tell import tell
from headgate.notices.text import as_markdown, as_text

__all__ = ["Notice", "as_markdown", "as_text", "find_channels", "tell"]
