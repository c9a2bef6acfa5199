"""What loading a graph leaves behind in memory."""

import ctypes
import gc
import sys


def give_back():
    """Return freed memory to the system: parsing a graph takes many times what the graph keeps (glibc only)."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
