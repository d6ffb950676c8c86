"""A PostgreSQL server of the tests' own, on a Unix socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from toolchains import missing, needs

USER = "tester"


class Server:
    """A server that runs until `remove`. It refuses root, and so runs as nobody then."""

    def __init__(self) -> None:
        self._bin = _programs()
        # A socket's path is short: pytest's folders may be too deep.
        self.folder = Path(tempfile.mkdtemp(prefix="mykernel-pg-"))
        self._as = {"user": "nobody"} if os.geteuid() == 0 else {}
        if self._as:
            os.chown(self.folder, pwd.getpwnam("nobody").pw_uid, -1)
        self.folder.chmod(0o755)
        password = self.folder / "password"
        password.write_text("correct horse\n")
        password.chmod(0o644)
        self._run(
            "initdb", "-U", USER, "-A", "scram-sha-256", "--pwfile", str(password), "-E", "UTF8",
            "--no-sync", "--locale=C",
        )  # fmt: skip
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:correct%20horse@/postgres?host={self.folder}"

    @property
    def bare_url(self) -> str:
        """Without the password."""
        return f"postgresql://{USER}@/postgres?host={self.folder}"

    def start(self) -> None:
        options = f"-c listen_addresses='' -c fsync=off -k {self.folder}"
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._bin / program, "-D", self.folder / "data", *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._as,
        )


def _programs() -> Path:
    needs("psql", "postgresql-client")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    own = shutil.which("initdb")
    if not found and own is None:
        missing("the PostgreSQL server is missing: apt-get install postgresql")
    return (found[-1] if found else Path(own or "")).parent
