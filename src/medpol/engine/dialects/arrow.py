"""A small table as Arrow, by which DuckDB and Spark take it in."""

import pyarrow as pa

from medpol.engine.dialects.base import Rows

_TYPES = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
}


def arrow_table(rows: Rows) -> pa.Table:
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in rows.columns])
    columns = list(zip(*rows.rows, strict=True)) if rows.rows else [()] * len(rows.columns)
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
