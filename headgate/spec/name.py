"""What a model may be called. Its name becomes a folder, a path on a branch and a part of URLs, so it is checked
wherever one comes from elsewhere.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

PATTERN, LONGEST = r"^[a-z][a-z0-9_-]*$", 60
ModelName = Annotated[str, Field(pattern=PATTERN, max_length=LONGEST)]


def is_folder(value):
    """True for what a folder under models/ may be called, though a model may not: it is told of, and never used."""
    return isinstance(value, str) and 0 < len(value) <= 255 and value not in (".", "..") \
        and not any(sign in value for sign in "/\\\0")


def _folder(value):
    if not is_folder(value):
        raise ValueError("it is no name of a folder")
    return value


FolderName = Annotated[str, AfterValidator(_folder)]


def is_name(value):
    """True for what a model may be called."""
    return isinstance(value, str) and len(value) <= LONGEST and re.fullmatch(PATTERN, value) is not None
