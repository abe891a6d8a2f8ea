"""What differs between the SQL of warehouses, a table each. PostgreSQL and DuckDB are run by the tests; of the others
only the grammar is checked.

Sources: the function and type references of each product (docs.snowflake.com, cloud.google.com/bigquery/docs,
docs.databricks.com/sql, docs.aws.amazon.com/redshift, trino.io/docs, postgresql.org/docs/17).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from medpol.engine.dialects.spelling import Spelling

_BITS = 62  # a word of the plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Expressions as patterns of their arguments {0}, {1}; the defaults are those of most.

    `stage` as in Engine. `temporary` stands before TABLE and VIEW. `functions` are made before anything else.
    `after_table` is said of every table once it is full. `binary` compares texts by their bytes. `backslash`: a
    literal escapes with a backslash. `run` says how to run it, and how far it was tried. `pick` is a CASE if empty.
    """

    name: str
    title: str
    stage: str = "AS"
    temporary: str = ""
    spelling: Spelling = field(default_factory=Spelling)
    functions: str = ""
    after_table: str = ""
    binary: str = "{0}"
    backslash: bool = False
    run: str = "The statements are checked against the dialect's grammar only: no test has run them in this product."
    popcount: str = "bit_count({0})"
    xor: str = "({0} ^ {1})"
    days: str = "date_diff('day', DATE '1970-01-01', {0})"
    whole_division: str = "(({0}) / {1})"
    pick: str = ""
    joined: str = "listagg({0}, '; ') WITHIN GROUP (ORDER BY {1})"

    def quoted(self, text: str) -> str:
        inside = text.replace("\\", "\\\\").replace("'", "\\'") if self.backslash else text.replace("'", "''")
        return f"'{inside}'"


class InDialect:
    """The expressions that an Engine is asked for, by a dialect's table."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.stage = dialect.stage

    def popcount(self, bits: str) -> str:
        return self.dialect.popcount.format(bits)

    def xor(self, left: str, right: str) -> str:
        return self.dialect.xor.format(left, right)

    def pick(self, index: str, choices: Sequence[str]) -> str:
        if not choices:
            return "NULL"
        if self.dialect.pick:
            return self.dialect.pick.format(index, ", ".join(choices))
        cases = " ".join(f"WHEN {place} THEN {choice}" for place, choice in enumerate(choices, 1))
        return f"CASE {index} {cases} END"

    def day_code(self, day: str) -> str:
        return self.dialect.days.format(day)

    def month_code(self, day: str) -> str:
        year, month, of_month = (f"CAST(EXTRACT({part} FROM {day}) AS BIGINT)" for part in ("YEAR", "MONTH", "DAY"))
        return f"(({year} * 12 + {month}) * 31 + {of_month})"

    def date(self, iso: str) -> str:
        return f"DATE '{iso}'"

    def whole_division(self, numerator: str, denominator: int) -> str:
        return self.dialect.whole_division.format(numerator, denominator)

    def joined(self, text: str, order: str) -> str:
        return self.dialect.joined.format(text, order)


def _bit_by_bit(term: str) -> str:
    return " + ".join(term.format(k) for k in range(_BITS))


POSTGRES = Dialect(
    name="postgres",
    title="PostgreSQL",
    run="`psql -v ON_ERROR_STOP=1 -1 -f 01_tables.sql -f 02_decide.sql -f 03_answers.sql`; tested on PostgreSQL 17.",
    stage="AS MATERIALIZED",  # else the planner writes each stage's expressions into the next, doubling them
    temporary="TEMP ",
    spelling=Spelling(
        words={"DOUBLE": "DOUBLE PRECISION", "VARCHAR": "TEXT"},
        functions={"ROUND": "CAST(ROUND(CAST({0} AS NUMERIC), {1}) AS DOUBLE PRECISION)".format},
    ),
    after_table="ANALYZE {0}",
    binary='{0} COLLATE "C"',
    popcount="bit_count(CAST({0} AS bit(64)))",
    xor="({0} # {1})",
    days="({0} - DATE '1970-01-01')",
    joined="string_agg({0}, '; ' ORDER BY {1})",
)
DUCKDB = Dialect(
    name="duckdb",
    title="DuckDB",
    run="`cat 0[123]_*.sql | duckdb claims.duckdb`; tested.",
    temporary="TEMP ",
    xor="xor({0}, {1})",
    days="({0} - DATE '1970-01-01')",
    whole_division="(({0}) // {1})",
    joined="string_agg({0}, '; ' ORDER BY {1})",
)
DATABRICKS = Dialect(
    name="databricks",
    title="Databricks SQL, or Spark SQL 4 with a catalog",
    spelling=Spelling(words={"VARCHAR": "STRING"}),
    backslash=True,
    days="unix_date({0})",
    pick="get(array({1}), CAST({0} - 1 AS INT))",  # from 0, and NULL outside the array, where element_at fails
    whole_division="(({0}) div {1})",
)
BIGQUERY = Dialect(
    name="bigquery",
    title="Google BigQuery",
    spelling=Spelling(words={"BIGINT": "INT64", "DOUBLE": "FLOAT64", "VARCHAR": "STRING"}),
    backslash=True,
    days="UNIX_DATE({0})",
    whole_division="DIV({0}, {1})",
    joined="STRING_AGG({0}, '; ' ORDER BY {1})",
)
SNOWFLAKE = Dialect(
    name="snowflake",
    title="Snowflake",
    temporary="TEMPORARY ",
    spelling=Spelling(words={"row": "row_"}, bits={"&": "BITAND", "|": "BITOR", "~": "BITNOT"}),
    functions=f"""CREATE OR REPLACE FUNCTION medpol_bit_count(x NUMBER) RETURNS NUMBER AS
$$ {_bit_by_bit("BITAND(BITSHIFTRIGHT(x, {0}), 1)")} $$""",
    backslash=True,
    popcount="medpol_bit_count({0})",
    xor="BITXOR({0}, {1})",
    days="DATEDIFF('day', DATE '1970-01-01', {0})",
    whole_division="FLOOR(({0}) / {1})",
)
REDSHIFT = Dialect(
    name="redshift",
    title="Amazon Redshift",
    spelling=Spelling(words={"DOUBLE": "DOUBLE PRECISION", "VARCHAR": "VARCHAR(65535)"}),
    functions=f"""CREATE OR REPLACE FUNCTION medpol_bit_count(BIGINT) RETURNS BIGINT IMMUTABLE AS
$$ SELECT {_bit_by_bit("(($1 >> {0}) & 1)")} $$ LANGUAGE sql""",
    after_table="ANALYZE {0}",
    popcount="medpol_bit_count({0})",
    xor="(({0} | {1}) & ~({0} & {1}))",
    days="DATEDIFF(day, DATE '1970-01-01', {0})",
)
TRINO = Dialect(
    name="trino",
    title="Trino",
    spelling=Spelling(bits={"&": "bitwise_and", "|": "bitwise_or", "~": "bitwise_not"}),
    popcount="bit_count({0}, 64)",
    xor="bitwise_xor({0}, {1})",
)
DIALECTS = {d.name: d for d in (POSTGRES, DUCKDB, SNOWFLAKE, BIGQUERY, DATABRICKS, REDSHIFT, TRINO)}
