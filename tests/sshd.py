"""A real sshd on loopback for one test run, with keys of its own."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from toolchains import needs


@dataclass(frozen=True, slots=True)
class SshServer:
    """launcher: the command that reaches it, as a user would give it."""

    launcher: str
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[SshServer]:
    """Serve the user who runs the tests; keys and configuration are in the folder."""
    needs("ssh", "openssh-client")
    program = needs("sshd", "openssh-server")
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True
        )
    shutil.copy(folder / "user.pub", folder / "authorized_keys")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # What the user's own ~/.bashrc does is not for the tests.
    (folder / "home").mkdir()
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\n"
        f"PasswordAuthentication no\nPermitRootLogin yes\nSetEnv HOME={folder / 'home'}\n"
    )
    if os.getuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    process = subprocess.Popen(
        [program, "-D", "-e", "-f", folder / "sshd_config"], stderr=subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if b"listening on" in line:
                break
        (folder / "known_hosts").write_text(
            f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}"
        )
        words = [
            "ssh", "-F", "none", "-i", str(folder / "user"), "-p", str(port),
            "-o", f"UserKnownHostsFile={folder / 'known_hosts'}", "127.0.0.1",
        ]  # fmt: skip
        yield SshServer(shlex.join(words), process)
    finally:
        process.terminate()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
