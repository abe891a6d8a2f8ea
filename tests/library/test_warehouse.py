"""The folder for a warehouse: what is in it, and the bundled claims decided by it, line for line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from medpol.engine import COLUMNS, DuckDB, adjudicate
from medpol.engine.dialects.warehouses import DIALECTS
from medpol.library import PolicyLibrary
from medpol.library.claims import open_table
from medpol.library.warehouse import WarehouseJob, WarehousePlan, plan_for_warehouse, write_warehouse
from medpol.loading import ClaimsTable
from medpol.problems import PolicyRejected
from postgres_server import postgres  # noqa: F401
from warehouse_claims import claims_query, copy_to_postgres, run_on_duckdb, run_on_postgres

CLAIMS = Path(__file__).parents[2] / "src/medpol/data/claims/demonstration/claims.csv"


@dataclass(frozen=True)
class Decided:
    """The bundled claims, decided by DuckDB without a detour."""

    library: PolicyLibrary
    engine: DuckDB
    table: ClaimsTable
    rows: list[tuple[Any, ...]]

    def plan(self, dialect: str) -> WarehousePlan:
        """With as many columns for a set as these claims have."""
        widths = {fact: len(columns) for fact, columns in self.table.lines.codes.items()}
        return plan_for_warehouse(self.library, WarehouseJob(dialect=dialect, out=Path("unused"), widths=widths))

    def claims(self, plan: WarehousePlan) -> str:
        return claims_query(self.table.lines, plan.columns, self.library.content.facts)


@pytest.fixture(scope="module")
def decided() -> Decided:
    library, engine = PolicyLibrary(None), DuckDB()
    table = open_table(library, engine.connection, CLAIMS, None)
    adjudicate(engine, library.content, table.lines, describe=library.leaf_in_words)
    rows = engine.fetch(f"SELECT line, {', '.join(COLUMNS)} FROM answers ORDER BY line")
    return Decided(library, engine, table, rows)


def test_postgres_decides_the_bundled_claims_alike(decided: Decided, postgres: Any) -> None:  # noqa: F811
    plan = decided.plan("postgres")
    copy_to_postgres(postgres, plan.columns, decided.engine.connection, decided.claims(plan))
    assert run_on_postgres(postgres, plan) == decided.rows


def test_duckdb_decides_the_bundled_claims_alike(decided: Decided, tmp_path: Path) -> None:
    plan, file = decided.plan("duckdb"), tmp_path / "claims.parquet"
    decided.engine.connection.execute(f"COPY ({decided.claims(plan)}) TO '{file}'")
    warehouse = duckdb.connect()
    warehouse.execute(f"CREATE VIEW medpol_claims AS FROM '{file}'")
    assert run_on_duckdb(warehouse, plan) == decided.rows


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_every_statement_is_of_the_dialect(decided: Decided, dialect: str) -> None:
    sqlglot = pytest.importorskip("sqlglot", reason="sqlglot is not installed")
    plan = decided.plan(dialect)
    inserts = [statement for statement in plan.script.tables if statement.startswith("INSERT")]
    others = [statement for statement in plan.script.tables if not statement.startswith("INSERT")]
    for statement in (*others, *inserts[:3], *plan.script.steps, plan.answers):
        (parsed,) = sqlglot.parse(statement, read=dialect)
        assert parsed is not None
        assert not isinstance(parsed, sqlglot.exp.Command) or statement.startswith("CREATE OR REPLACE FUNCTION")


def test_the_folder(tmp_path: Path, decided: Decided) -> None:
    files = write_warehouse(decided.library, WarehouseJob(dialect="postgres", out=tmp_path / "warehouse"))
    assert [path.name for path in files] == [
        "README.md", "00_claims.sql", "01_tables.sql", "02_decide.sql", "03_answers.sql",
    ]  # fmt: skip
    readme, template, *_ = (path.read_text() for path in files)
    assert "| `diagnosis_12` | TEXT |" in readme
    assert "CAST(NULL AS DATE) AS birth_date" in template
    assert str(tmp_path) not in "".join(path.read_text() for path in files)


def test_a_dialect_nobody_knows(decided: Decided) -> None:
    with pytest.raises(PolicyRejected) as rejected:
        plan_for_warehouse(decided.library, WarehouseJob(dialect="oracle", out=Path("unused")))
    assert [problem.code for problem in rejected.value.problems] == ["MP951"]
