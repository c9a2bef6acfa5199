"""What a model may be called. Its name becomes a folder, a path on a branch and a part of URLs, so it is checked
wherever one comes from elsewhere.
"""

import re
from typing import Annotated

from pydantic import Field

PATTERN, LONGEST = r"^[a-z][a-z0-9_-]*$", 60
ModelName = Annotated[str, Field(pattern=PATTERN, max_length=LONGEST)]


def is_name(value):
    """True for what a model may be called."""
    return isinstance(value, str) and len(value) <= LONGEST and re.fullmatch(PATTERN, value) is not None
