"""The two files of a scoring, written block by block: predictions as Parquet or CSV, and the rows put aside."""

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from headgate.errors import SourceError
from headgate.scoring.drafts import Draft, storing

PLAIN = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_date, pa.types.is_time,
         pa.types.is_timestamp, pa.types.is_duration, pa.types.is_string)


class Predictions:
    """A Parquet or CSV file of predictions, by the ending of `path`; dropped at the end of the block unless kept.

    The first table decides the types of all. Raises StorageError when it cannot be written.
    """

    def __init__(self, path):
        self._draft, self._writer, self._schema = Draft(path), None, None
        self._csv = self._draft.path.suffix.lower() == ".csv"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._close()
        except OSError:
            pass        # it is dropped
        self._draft.drop()

    def write(self, table):
        """Append an Arrow table.

        Raises SourceError when a key column has values of another kind than before, or of one that a CSV cannot hold.
        """
        with storing(self._draft.path):
            if self._schema is None:
                self._schema = pa.schema([pa.field(one.name, self._kind(one.type)) for one in table.schema])
            fitted = self._fitted(table)
            self._writer = self._writer or _opened(self._draft.place, self._schema, self._csv)
            self._writer.write_table(fitted)

    def keep(self):
        """Close the file and put it in its place."""
        with storing(self._draft.path):
            self._close()
        self._draft.keep()

    def _kind(self, kind):
        return pa.string() if pa.types.is_null(kind) or self._csv and not _plain(kind) else kind

    def _fitted(self, table):
        if table.schema == self._schema:
            return table
        return pa.table([self._cast(table[one.name], one) for one in self._schema], schema=self._schema)

    def _cast(self, column, field):
        try:
            return column.cast(field.type)
        except pa.ArrowException:
            if self._csv and not _plain(column.type):
                raise SourceError(f"The key or time column {field.name!r} has values that a CSV cannot hold.",
                                  value=f"the kind {column.type}",
                                  remedy="Name an --output that ends with .parquet, or let the column be text, for "
                                         "example by a CAST in the query.") from None
            raise SourceError(f"The key or time column {field.name!r} changes its kind in the middle of the table.",
                              value=f"{column.type} behind {field.type}",
                              remedy="Let all its values be of one kind, for example by a CAST in the query.") from None

    def _close(self):
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()


def _opened(place, schema, csv):
    if csv:
        return pyarrow.csv.CSVWriter(place, schema)
    texts = [one.name for one in schema if pa.types.is_string(one.type)]
    return pyarrow.parquet.ParquetWriter(place, schema, compression="zstd", use_dictionary=texts)


def _plain(kind):
    return any(is_one(kind) for is_one in PLAIN)


class Quarantine:
    """A CSV of rows that were not scored; there is none without such rows. Dropped unless kept."""

    def __init__(self, path):
        self.path, self.kept = path, False
        self._draft, self._file = None, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._file is not None:
            try:
                self._file.close()
            except OSError:
                pass    # it is dropped
            self._draft.drop()

    def write(self, rows):
        """Append rows (a frame)."""
        if not len(rows):
            return
        with storing(self.path):
            first = self._file is None
            if first:
                self._draft = Draft(self.path)
                self._file = open(self._draft.place, "w", encoding="utf-8", newline="")
            rows.to_csv(self._file, index=False, header=first)

    def keep(self):
        """Put the file in its place, if there were any rows; return its path or None."""
        if self._file is None:
            return None
        with storing(self.path):
            self._file.close()
        self._draft.keep()
        return str(self.path)
