"""Bash behind a launcher: over a real ssh, confined by unshare, and as another user's."""

from __future__ import annotations

import contextlib
import os
import select
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from frontend import PATIENCE, FrontEnd, launch
from hypothesis import given
from hypothesis import strategies as st
from sshd import SshServer, serve
from toolchains import missing, needs

from mykernel.languages.bash.delivery import cksum, lines

UNSHARE = "unshare --user --map-root-user --pid --fork --mount-proc"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with serve(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture(scope="module")
def _remote(server: SshServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    argv = [sys.executable, "-m", "mykernel", "kernel", "bash", f"--launcher={server.launcher}"]
    front_end = launch([*argv, "-f", "{connection_file}"], tmp_path_factory.mktemp("here"))
    yield front_end
    front_end.close()


@pytest.fixture
def remote(_remote: FrontEnd) -> FrontEnd:
    """Bash over ssh, a kernel that the module's tests share; over one login."""
    _remote.execute("cd ~; set +euxv", store_history=False)
    return _remote


@pytest.fixture
def confined(start_kernel: Callable[..., FrontEnd]) -> FrontEnd:
    """Bash in namespaces of its own, in our terminal."""
    needs("unshare", "util-linux")
    if subprocess.run([*shlex.split(UNSHARE), "true"], capture_output=True).returncode:
        missing("this system gives users no namespaces")
    return start_kernel("bash", f"--launcher={UNSHARE}")


@pytest.fixture
def relay(tmp_path: Path) -> Callable[[str], str]:
    """Makes a launcher: a client that relays a terminal, with some Python before it does."""

    def make(code: str) -> str:
        script = tmp_path / "relay.py"
        script.write_text(
            f"import os, pty, sys\n{code}\nsys.exit(pty.spawn(sys.argv[1:], *via) >> 8)"
        )
        return shlex.join([sys.executable, str(script)])

    return make


# Over ssh


def test_cells_run_on_the_other_side_and_their_state_lives_on(remote: FrontEnd) -> None:
    assert remote.execute('x=5; f() { echo "f: $x"; }; test -n "$SSH_TTY"').status == "ok"
    assert remote.execute("f").stdout == "f: 5\n"


def test_the_two_streams_come_as_one_in_exact_order(remote: FrontEnd) -> None:
    result = remote.execute("for i in 1 2 3; do echo out $i; echo err $i >&2; done")
    assert result.stdout == "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n"
    assert result.stderr == ""


def test_a_failure_names_its_line_and_no_path_of_ours(remote: FrontEnd) -> None:
    result = remote.execute("echo a\nnosuchcommand\n")
    assert (
        result.stdout
        == "a\nIn[{}]: line 2: nosuchcommand: command not found\n".format(
            result.content["execution_count"]
        )
        or result.stdout == "a\nbash: nosuchcommand: command not found\n"
    )
    assert result.evalue == "127 in line 2: nosuchcommand"


def test_a_syntax_error_runs_nothing(remote: FrontEnd) -> None:
    result = remote.execute("echo ran; if true; then")
    assert result.ename == "SyntaxError"
    assert result.stdout == ""


def test_exit_ends_the_cell_alone(remote: FrontEnd) -> None:
    remote.execute("kept=yes")
    assert "3 in line 1" in remote.execute("exit 3").evalue
    assert remote.execute("echo $kept").stdout == "yes\n"


def test_every_character_arrives(remote: FrontEnd) -> None:
    text = "".join(map(chr, [*range(1, 0x180), 0x2028, 0xFFFD, 0x1F600]))
    result = remote.execute(f"cat <<'END' | od -An -v -tx1 | tr -d ' \\n'\n{text}\nEND")
    assert result.stdout == f"{text}\n".encode().hex()


def test_a_megabyte_of_code_arrives(remote: FrontEnd) -> None:
    code = "".join(f"v{i}={'x' * 60}; # {{i}} ünï\n" for i in range(14_000)) + "echo ${#v13999}"
    assert len(code) > 1 << 20
    assert remote.execute(code).stdout == "60\n"


def test_no_byte_of_ten_megabytes_is_lost(remote: FrontEnd) -> None:
    assert remote.execute("seq 1400000").stdout == "".join(f"{i}\n" for i in range(1, 1_400_001))


def test_what_looks_like_data_or_a_prompt_is_output(remote: FrontEnd) -> None:
    assert remote.execute("printf '#.\\n#x\\nbash-5.2$ \\n'").stdout == "#.\n#x\nbash-5.2$ \n"


@pytest.mark.parametrize(
    ("code", "first", "second"),
    [
        ("read x; read y", ("", False), ("", False)),
        ("read -p 'Name: ' x; read -s -p 'Word: ' y", ("Name: ", False), ("Word: ", True)),
        ("read -n1 x; read -s y", ("", False), ("", True)),
        ("x=$(head -1); sleep 1; y=$(head -1)", ("", False), ("", False)),
        (
            'python3 -c \'print(input("1? ") + input("2? "), file=open("x", "w"))\'; x=$(cat x)',
            ("1? ", False),
            ("2? ", False),
        ),
    ],
)
def test_a_program_there_that_waits_makes_the_front_end_ask(
    remote: FrontEnd, code: str, first: tuple[str, bool], second: tuple[str, bool]
) -> None:
    result, asked = remote.converse(f'cd $(mktemp -d); x= y=; {code}; echo "<$x$y>"', ["a", "b"])
    assert [(one["prompt"], one["password"]) for one in asked] == [first, second]
    assert result.stdout.endswith("<ab>\n")


def test_a_program_there_that_is_busy_is_not_taken_to_wait(remote: FrontEnd) -> None:
    result, asked = remote.converse("printf 'working: '; sleep 2; (sleep 1 | cat); echo done", [])
    assert asked == []
    assert result.stdout == "working: done\n"


def test_in_batch_a_program_there_gets_end_of_file(remote: FrontEnd) -> None:
    result = remote.execute("cat; echo after")
    assert result.ename == "StdinNotImplementedError"
    assert remote.execute("echo on").stdout == "on\n"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("echo up; sleep 1000", "interrupted; the shell"),
        ("echo up; while :; do :; done", "interrupted; the shell"),
        ("sleep 1000 | { echo up; cat; }", "interrupted; the shell"),
        ("bash -c \"trap '' INT; echo up; while :; do sleep 1; done\"", "typed ^\\"),
        ("bash -c \"trap '' INT QUIT; echo up; while :; do sleep 1; done\"", "typed ^Z"),
        ("echo up; read x", "interrupted; the shell"),
    ],
)
def test_an_interrupt_ends_what_runs_there_and_the_shell_lives_on(
    remote: FrontEnd, code: str, says: str
) -> None:
    remote.execute("kept=1")
    msg_id = remote.send(code, allow_stdin=True)
    remote.until_text(msg_id, "up")
    remote.interrupt()
    result = remote.result(msg_id)
    assert result.ename == "KeyboardInterrupt"
    assert says in result.evalue
    assert remote.execute("echo $kept; kill -KILL %% 2>/dev/null; wait").stdout.startswith("1\n")


@pytest.mark.parametrize("program", ["top", "less /etc/passwd", "vi $(mktemp -d)/x"])
def test_a_full_screen_program_there_gives_the_shell_back(remote: FrontEnd, program: str) -> None:
    package = {"top": "procps", "less": "less", "vi": "vim-tiny"}
    needs(program.split()[0], package[program.split()[0]])
    result = remote.execute(f"unset PAGER; {program}; echo")
    assert "wants the whole screen" in result.stderr
    assert "on\n" in remote.execute("kill -KILL %%; wait; echo on").stdout


def test_the_terminal_there_is_in_order_after_a_program_that_wrecked_it(remote: FrontEnd) -> None:
    remote.execute("stty raw -echo")
    result, asked = remote.converse("read -p '? ' x; echo \"<$x>\"; stty -a", ["a"])
    assert [one["password"] for one in asked] == [False]
    assert "<a>\n" in result.stdout
    assert " -onlcr" in result.stdout


def test_completion_and_inspection_ask_the_other_side(remote: FrontEnd, tmp_path: Path) -> None:
    remote.execute("a_name_of_mine=1; a_function_of_mine() { echo; }")
    reply = remote.request("complete", code="echo $a_name", cursor_pos=12)
    assert reply.content["matches"] == ["a_name_of_mine"]
    reply = remote.request("inspect", code="a_function_of_mine", cursor_pos=3, detail_level=0)
    assert "a_function_of_mine ()" in reply.content["data"]["text/plain"]
    evil = tmp_path / "evil"
    remote.request("complete", code=f"ls $(touch {evil})/", cursor_pos=len(f"ls $(touch {evil})/"))
    assert not evil.exists()


def test_while_a_cell_runs_there_questions_are_answered_at_once(remote: FrontEnd) -> None:
    msg_id = remote.send("echo up; sleep 1000")
    remote.until_text(msg_id, "up")
    assert remote.request("complete", code="ec", cursor_pos=2).content["matches"] == []
    assert remote.request("is_complete", code="if true").content["status"] == "incomplete"
    remote.interrupt()
    remote.result(msg_id)


def test_user_expressions_are_expanded_there(remote: FrontEnd) -> None:
    result = remote.execute("n=4", user_expressions={"a": "$n", "b": "$((n * 2)) {i} ü"})
    values = {k: v["data"]["text/plain"] for k, v in result.content["user_expressions"].items()}
    assert values == {"a": "4", "b": "8 {i} ü"}


def test_a_connection_that_breaks_is_told_and_the_next_cell_has_a_new_one(
    server: SshServer, start_kernel: Callable[..., FrontEnd]
) -> None:
    front_end = start_kernel("bash", f"--launcher={server.launcher}")
    folder = Path(front_end.execute("echo $__mk_dir").stdout.strip())
    shell = int(front_end.execute("echo $$").stdout)
    msg_id = front_end.send("echo up; sleep 1000")
    front_end.until_text(msg_id, "up")
    _client_of(front_end).kill()
    result = front_end.result(msg_id)
    assert result.ename == "ShellDied"
    assert "SIGKILL" in result.evalue
    assert front_end.execute("echo on").stdout == "on\n"
    _await_end(shell)
    assert not folder.exists()


def test_a_connection_that_hangs_can_be_interrupted(
    server: SshServer, start_kernel: Callable[..., FrontEnd]
) -> None:
    daemon = psutil.Process(server.process.pid)
    others = daemon.children()
    front_end = start_kernel("bash", f"--launcher={server.launcher}")
    front_end.execute("echo here")
    for connection in set(daemon.children()) - set(others):
        connection.suspend()
    msg_id = front_end.send("echo never")
    front_end.interrupt()
    result = front_end.result(msg_id)
    assert "it did not answer, and was ended" in result.evalue
    assert front_end.execute("echo on").stdout == "on\n"


def test_nothing_is_left_there_after_shutdown(
    server: SshServer, start_kernel: Callable[..., FrontEnd]
) -> None:
    front_end = start_kernel("bash", f"--launcher={server.launcher}")
    folder, shell = front_end.execute("echo $__mk_dir $$").stdout.split()
    msg_id = front_end.send("echo up; sleep 1000")
    front_end.until_text(msg_id, "up")
    front_end.control("shutdown", restart=False)
    _await_end(int(shell))
    assert not Path(folder).exists()


def test_a_program_that_the_hangup_has_missed_is_told(
    server: SshServer, start_kernel: Callable[..., FrontEnd]
) -> None:
    front_end = start_kernel("bash", f"--launcher={server.launcher}")
    folder, shell = front_end.execute("echo $__mk_dir $$").stdout.split()
    # Not in the foreground, whose processes alone the terminal tells, and waited for all the same.
    program = "import os, time; os.setpgid(0, os.getppid()); print('up'); time.sleep(1000)"
    msg_id = front_end.send(f'trap : HUP; {sys.executable} -uc "{program}"')
    front_end.until_text(msg_id, "up")
    front_end.control("shutdown", restart=False)
    _await_end(int(shell))
    assert not Path(folder).exists()


def _await_end(pid: int) -> None:
    """Wait until a process that is none of our children has ended."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        ready, _, _ = select.select([descriptor], [], [], PATIENCE)
        os.close(descriptor)
        assert ready, f"process {pid} lives on"


def _client_of(front_end: FrontEnd) -> psutil.Process:
    [client] = [
        child
        for child in psutil.Process(front_end.pid).children(recursive=True)
        if child.name() == "ssh"
    ]
    return client


# Confined, in our own terminal


def test_a_confined_shell_runs_cells(confined: FrontEnd) -> None:
    assert confined.execute("echo $$; id -u").stdout == "1\n0\n"
    assert confined.execute("x=5; exit 3").ename == "ExitStatus"
    assert confined.execute("echo $x").stdout == "5\n"


def test_a_confined_program_that_waits_makes_the_front_end_ask(confined: FrontEnd) -> None:
    result, asked = confined.converse("read -s -p 'Word: ' x; cat; echo \"<$x>\"", ["a", "\x04"])
    assert asked == [
        {"prompt": "Word: ", "password": True},
        {"prompt": "", "password": False},
    ]
    assert result.stdout.endswith("<a>\n")


def test_a_confined_program_that_ignores_interrupts_is_killed_and_the_shell_lives(
    confined: FrontEnd,
) -> None:
    msg_id = confined.send("x=1; bash -c \"trap '' INT; echo up; while :; do sleep 1; done\"")
    confined.until_text(msg_id, "up")
    confined.interrupt()
    assert "killed bash (SIGTERM)" in confined.result(msg_id).evalue
    assert confined.execute("echo $x").stdout == "1\n"


# At the start


def test_a_launcher_that_asks_a_password_asks_the_front_end(
    relay: Callable[[str], str], start_kernel: Callable[..., FrontEnd]
) -> None:
    asks = relay(
        "import getpass\ngetpass.getpass() == 'open' or sys.exit('Permission denied')\nvia = ()"
    )
    front_end = start_kernel("bash", f"--launcher={asks}")
    result, asked = front_end.converse("echo in", ["open"])
    assert asked == [{"prompt": "Password: ", "password": True}]
    assert result.stdout == "in\n"


def test_a_launcher_that_asks_in_batch_fails_with_what_it_said(
    relay: Callable[[str], str], start_kernel: Callable[..., FrontEnd]
) -> None:
    asks = relay("import getpass\ngetpass.getpass()\nvia = ()")
    result = start_kernel("bash", f"--launcher={asks}").execute("echo in")
    assert result.ename == "ShellNotStarted"
    assert "Password: " in result.evalue


def test_an_interrupt_ends_a_launcher_that_asks(
    relay: Callable[[str], str], start_kernel: Callable[..., FrontEnd]
) -> None:
    asks = relay("import getpass\ngetpass.getpass()\nvia = ()")
    result, asked = start_kernel("bash", f"--launcher={asks}").converse("echo in", [None])
    assert len(asked) == 1
    assert result.status == "error"


@pytest.mark.parametrize(
    ("launcher", "says"),
    [
        ("false", "exit status 1"),
        ("no-such-launcher", "not found"),
        ("setsid -w", "mykernel needs a terminal"),
        ("ssh -F none -o BatchMode=yes -p 1 127.0.0.1", "Connection refused"),
        ("env PATH=/nowhere", "No such file"),
    ],
)
def test_a_launcher_that_fails_says_why(
    start_kernel: Callable[..., FrontEnd], launcher: str, says: str
) -> None:
    needs("ssh", "openssh-client")
    result = start_kernel("bash", f"--launcher={launcher}").execute("echo in")
    assert result.ename == "ShellNotStarted"
    assert says in result.evalue


def test_a_cell_that_is_mutilated_on_its_way_is_not_run(
    relay: Callable[[str], str], start_kernel: Callable[..., FrontEnd], tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    loses = relay(
        textwrap.dedent(f"""\
        def read(fd):
            data = os.read(fd, 4096)
            return data.replace(b"abc", b"ac") if os.path.exists({str(broken)!r}) else data
        via = (lambda fd: os.read(fd, 4096), read)
        """)
    )
    front_end = start_kernel("bash", f"--launcher={loses}")
    assert front_end.execute("echo abc").stdout == "abc\n"
    broken.touch()
    result = front_end.execute("echo ran; echo abc")
    assert result.ename == "CellNotDelivered"
    assert result.stdout == ""
    broken.unlink()
    assert front_end.execute("echo abc").stdout == "abc\n"


@given(st.binary(max_size=5000))
def test_data_in_lines_is_short_and_printable_and_comes_back(data: bytes) -> None:
    *body, last, end = lines(data).split("\n")
    assert (last, end) == ("#.", "")
    assert all(line.startswith("#") and len(line) <= 1000 for line in body)
    assert all(line.isascii() and line.isprintable() for line in body)
    if len(data) < 50:
        shell = 'while IFS= read -r v; do printf %b "${v#\\#}"; done'
        back = subprocess.run(
            ["bash", "-c", shell], input="\n".join([*body, ""]).encode(), capture_output=True
        )
        assert back.stdout == data


@given(st.binary(max_size=300))
def test_the_checksum_is_cksums(data: bytes) -> None:
    done = subprocess.run(["cksum"], input=data, capture_output=True, text=False)
    assert done.stdout.split() == [str(cksum(data)).encode(), str(len(data)).encode()]


# Merged here


def test_merged_stderr_comes_as_stdout_in_exact_order(
    start_kernel: Callable[..., FrontEnd],
) -> None:
    front_end = start_kernel("bash", "--merge-stderr")
    code = "for i in {1..500}; do echo out $i; echo err $i >&2; done"
    result = front_end.execute(code)
    assert result.stdout == "".join(f"out {i}\nerr {i}\n" for i in range(1, 501))
    assert result.stderr == ""
    assert front_end.execute("nosuchcommand").stdout == "bash: nosuchcommand: command not found\n"
    assert front_end.execute("x=5; exit 3").ename == "ExitStatus"
    assert front_end.execute("echo $x >&2").stdout == "5\n"
