"""UUIDs as the text that people and other programs know them by."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DIGITS = np.array([list(b"%02x" % byte) for byte in range(256)], dtype=np.uint8)
WIDTH, DASHES = 36, (8, 13, 18, 23)


def uuid_texts(array):
    """Return the texts (n,), 8-4-4-4-12 hex digits, of an Arrow array of 16 bytes each; null where that is null."""
    count = len(array)
    if not count:
        return pa.array([], pa.string())
    raw = np.frombuffer(array.buffers()[1], np.uint8, 16 * count, 16 * array.offset)
    texts = np.full((count, WIDTH), ord("-"), dtype=np.uint8)
    texts[:, np.delete(np.arange(WIDTH), DASHES)] = DIGITS[raw].reshape(count, 32)
    ends = np.arange(0, WIDTH * (count + 1), WIDTH, dtype=np.int32)
    made = pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(texts))
    return pc.if_else(array.is_valid(), made, None)
