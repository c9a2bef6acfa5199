"""A notice in words, for a person."""

HEADINGS = (("What happened", "what"), ("Why", "why"), ("What serves now", "serving"))


def as_markdown(notice):
    """Return the body in Markdown; the title goes beside it."""
    parts = [f"**{heading}:** {text}" for heading, text in _told(notice)]
    if notice.look:
        parts.append("**Where to look:**\n\n" + "\n".join(f"- {line}" for line in notice.look))
    return "\n\n".join(parts)


def as_text(notice):
    """Return the body in plain text."""
    lines = [f"{heading}: {text}" for heading, text in _told(notice)]
    if notice.look:
        lines += ["Where to look:", *(f"- {line}" for line in notice.look)]
    return "\n".join(lines)


def _told(notice):
    return [(heading, getattr(notice, name)) for heading, name in HEADINGS if getattr(notice, name)]
