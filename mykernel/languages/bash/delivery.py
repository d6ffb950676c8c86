"""How the agent, cells and queries reach the shell: as files, or through its terminal.

A shell of this system reads files in the private folder. One behind a launcher may live
elsewhere, so files travel to a private folder of its own: in lines that are shorter than
any terminal's limit, in characters that no terminal takes for keys, each behind a # so
that a shell that reads them for commands does nothing, and checked by length and sum.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import zlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from mykernel.drivers.line import Program

_SHELL = ("--noediting", "-i")
# Bytes of a typed line: macOS takes 1,024 and Linux 4,095.
_LINE = 1000
_END = "#.\n"
_NOT_INHERITED = frozenset(
    {"BASH_ENV", "COLUMNS", "ENV", "JPY_PARENT_PID", "LINES", "PROMPT_COMMAND", "PS1"}
)
# A byte as printf's %b has it. A brace is what `drivers.agent` puts numbers in for.
_ESCAPED = [
    chr(byte) if 32 <= byte < 127 and byte not in b"\\{" else f"\\0{byte:03o}"
    for byte in range(256)
]
_ESCAPED[ord("\n")] = r"\n"
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Delivery(Protocol):
    """folder: the private folder, as the shell knows it, with a slash at its end."""

    folder: str

    def program(self, folder: Path, nonce: str, startup_files: bool) -> Program:
        """What to start for a shell with its agent."""

    def typed(self, name: str, data: bytes) -> str:
        """Deliver a file; the line that has the shell read it. Typed twice, it runs once."""

    def done(self, name: str) -> None:
        """The file has been read."""


class ByFile:
    """To a shell of this system."""

    def __init__(self, bash: Path) -> None:
        self._bash = bash
        self.folder = ""

    def program(self, folder: Path, nonce: str, startup_files: bool) -> Program:
        self.folder = f"{folder}/"
        (folder / "agent").write_bytes(_script("display.bash") + _script("agent.bash"))
        env = {
            **_inherited(),
            "__mk_dir": str(folder),
            "__mk_k": nonce,
            "__mk_rc": "1" if startup_files else "",
        }
        argv = [str(self._bash), "--rcfile", str(folder / "agent"), *_SHELL]
        return Program(argv, env, error_variable="__mk_error", single_threaded=True)

    def typed(self, name: str, data: bytes) -> str:
        Path(self.folder, name).write_bytes(data)
        return f"{_ONCE}\\builtin . {_escaped(self.folder + name)}"

    def done(self, name: str) -> None:
        Path(self.folder, name).unlink(missing_ok=True)


class ByTerminal:
    """To a shell behind a launcher. folder: "" until the shell has told."""

    def __init__(self) -> None:
        self.folder = ""

    def program(self, folder: Path, nonce: str, startup_files: bool) -> Program:  # noqa: ARG002
        agent = b"".join(map(_script, ("launched.bash", "display.bash", "agent.bash")))
        self.folder = ""
        # No quotes and no blanks: ssh has them read by a shell, docker does not.
        prompt = f"mykernel-{secrets.token_hex(8)}"
        argv = ["env", f"PS1={prompt}", "bash", "--norc", "--noprofile", *_SHELL]
        take = (
            ': >/dev/tty && __mk_dir=$(mktemp -d "${TMPDIR:-/tmp}/mykernel-XXXXXXXX") && '
            "while IFS= read -r __mk_v && [[ $__mk_v != '#.' ]]; do "
            'printf %b "${__mk_v#\\#}"; done >"$__mk_dir/agent" && '
            f'[[ $(cksum <"$__mk_dir/agent") == "{cksum(agent)} {len(agent)}" ]] && '
            f"__mk_there=1 __mk_k={nonce} __mk_rc={1 if startup_files else ''} "
            f'__mk_dir=$__mk_dir exec "$BASH" --rcfile "$__mk_dir/agent" {shlex.join(_SHELL)}; '
            "echo 'mykernel needs a terminal, mktemp and cksum there'; exit 1\n"
        )
        greeting = [
            (prompt, "stty -echo; PS1=${PS1}. PS2=\n"),
            (f"{prompt}.", take + lines(agent)),
        ]
        return Program(argv, _inherited(), greeting=greeting)

    def typed(self, name: str, data: bytes) -> str:
        take = f"__mk_take {cksum(data)} {len(data)} {shlex.quote(name)}"
        file = f'"$__mk_dir"/{shlex.quote(name)}'
        return f"{_ONCE}{take}&&\\builtin . {file}\n{lines(data)}".removesuffix("\n")

    def done(self, name: str) -> None:
        """The shell removes it when the next one comes."""


# The first word is for nothing: behind a CHLD trap that runs while Bash waits for the line, a
# "((" at its beginning would be two subshells, and their end would have the trap run again.
_ONCE = "\\builtin;((__mk_i<{i}))&&__mk_i={i}&&"


def _escaped(path: str) -> str:
    """As a word of Bash, and without quotes: half a line would leave one of them open."""
    return re.sub(r"[^\w./-]", r"\\\g<0>", path)


def with_terminal(launcher: Sequence[str]) -> tuple[str, ...]:
    """The launcher, told to make a terminal on the other side where it does not by itself."""
    if launcher and os.path.basename(launcher[0]) == "ssh":
        # And with no key that ends the connection, which a line might begin with.
        return (launcher[0], "-tt", "-e", "none", *launcher[1:])
    return tuple(launcher)


def lines(data: bytes) -> str:
    """The data in lines of printf's %b, each behind a #, and the line that ends them."""
    out: list[str] = []
    line, size = ["#"], 1
    for byte in data:
        escaped = _ESCAPED[byte]
        if size + len(escaped) > _LINE:
            out.append("".join([*line, "\n"]))
            line, size = ["#"], 1
        line.append(escaped)
        size += len(escaped)
    if size > 1:
        out.append("".join([*line, "\n"]))
    return "".join([*out, _END])


def cksum(data: bytes) -> int:
    """The checksum of POSIX's `cksum`: CRC-32, highest bit first, over data and its length.

    Source: POSIX.1-2017, cksum. zlib's CRC is the same with each byte's bits reversed.
    """
    length = len(data).to_bytes((len(data).bit_length() + 7) // 8, "little")
    reversed_crc = zlib.crc32((data + length).translate(_REVERSED), 0xFFFFFFFF)
    # zlib ends with the complement, as cksum does.
    return int(f"{reversed_crc:032b}"[::-1], 2)


def _script(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


def _inherited() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
