"""Questions about Bash code: completion, inspection, completeness, history."""

from __future__ import annotations

import os
import sqlite3
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frontend import FrontEnd, Message
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from toolchains import missing, needs

Start = Callable[..., FrontEnd]


def complete(shell: FrontEnd, code: str, cursor_pos: int | None = None) -> Message:
    """The reply. A "|" in the code stands for the cursor, where cursor_pos is not given."""
    if cursor_pos is None:
        before, bar, after = code.partition("|")
        code, cursor_pos = before + after, len(before)
        assert bar or not after
    return shell.request("complete", code=code, cursor_pos=cursor_pos).content


def completed(shell: FrontEnd, code: str) -> list[str]:
    """The whole code as each match would leave it."""
    reply = complete(shell, code)
    plain = code.replace("|", "", 1)
    start, end = reply["cursor_start"], reply["cursor_end"]
    return [plain[:start] + match + plain[end:] for match in reply["matches"]]


# Completion


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("readonl", "readonly"),
        ("echo a; readonl", "echo a; readonly"),
        ("if readonl", "if readonly"),
        ("true && readonl", "true && readonly"),
        ("x=$(readonl", "x=$(readonly"),
        ("x=`readonl", "x=`readonly"),
        ('echo "$(readonl', 'echo "$(readonly'),
        ("x=1 readonl", "x=1 readonly"),
        ("! readonl", "! readonly"),
        ("{ readonl", "{ readonly"),
        ("sudo my_prog", "sudo my_program"),
        ("my_prog", "my_program"),
        ("my_func", "my_function"),
        ("my_ali", "my_alias"),
        ("echo $my_var", "echo $my_variable"),
        ("echo ${my_var", "echo ${my_variable}"),
        ("echo ${my_var|}", "echo ${my_variable}"),
        ("echo ${#my_arr", "echo ${#my_array}"),
        ('echo "$my_var', 'echo "$my_variable'),
        ("echo a$my_var", "echo a$my_variable"),
        ("echo $(( $my_var", "echo $(( $my_variable"),
        ("echo $HO", "echo $HOME"),
        ("my_func| a b", "my_function a b"),
        ("echo a\nreadonl", "echo a\nreadonly"),
        ("echo 👍 e\u0301; readonl", "echo 👍 e\u0301; readonly"),
        ("echo 👍 $my_var| 👍", "echo 👍 $my_variable 👍"),
        ("cat file_o", "cat file_one"),
        ("cat ./file_o", "cat ./file_one"),
        ("cat < file_o", "cat < file_one"),
        ("cat <file_o", "cat <file_one"),
        ("echo > file_o", "echo > file_one"),
        ("echo 2>file_o", "echo 2>file_one"),
        ("cat $PWD/file_o", "cat $PWD/file_one"),
        ("cat ${PWD}/file_o", "cat ${PWD}/file_one"),
        ('cat "$PWD/file_o', 'cat "$PWD/file_one"'),
        ("cat fold", "cat folder/"),
        ("cat folder/ins", "cat folder/inside"),
        ("cat with", "cat with\\ space"),
        ('cat "with', 'cat "with space"'),
        ("cat 'with", "cat 'with space'"),
        ('cat "with|"', 'cat "with space"'),
        ("cat with\\ sp", "cat with\\ space"),
        ("cat grö", "cat größe"),
        ("cat 漢", "cat 漢字"),
        ("cat e\u0301", "cat e\u0301clair"),
        ("x=file_o", "x=file_one"),
        ("export x=file_o", "export x=file_one"),
        ("[[ -f file_o", "[[ -f file_one"),
        ("cat a; cat file_o", "cat a; cat file_one"),
        ("for f in file_o", "for f in file_one"),
        ("./my_scr", "./my_script"),
        (". file_o", ". file_one"),
    ],
)
def test_completion(prepared: FrontEnd, code: str, result: str) -> None:
    assert result in completed(prepared, code)


@pytest.fixture
def prepared(shell: FrontEnd, tmp_path: Path) -> FrontEnd:
    for name in ("file_one", "with space", "größe", "漢字", "e\u0301clair", "my_script"):
        (tmp_path / name).touch()
    (tmp_path / "my_script").chmod(0o755)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inside").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "my_program").touch(0o755)
    shell.execute(
        "my_variable=1 my_array=(1); my_function() { :; }; alias my_alias=ls; PATH+=:$PWD/bin"
    )
    return shell


def test_completion_in_the_home_folder(shell: FrontEnd, tmp_path: Path) -> None:
    (tmp_path / "at home").touch()
    shell.execute("HOME=$PWD; cd /")
    assert completed(shell, "cat ~/at") == ["cat ~/at\\ home"]
    assert completed(shell, "cat $HOME/at") == ["cat $HOME/at\\ home"]


@pytest.mark.parametrize("code", ["# ec", "echo a # ec", "echo '$HO", "", "echo \\$HO"])
def test_there_is_nothing_to_complete_in(shell: FrontEnd, code: str) -> None:
    shell.execute("cd $(mktemp -d)")
    assert "$HOME" not in "".join(completed(shell, code))
    if "#" in code:
        assert completed(shell, code) == []


@pytest.mark.parametrize("code", ["echo 👍|", "👍👍 ech|", "a|bc", "|"])
def test_offsets_are_code_points(shell: FrontEnd, code: str) -> None:
    reply = complete(shell, code)
    assert 0 <= reply["cursor_start"] <= reply["cursor_end"] <= len(code) - 1


def test_a_reply_names_the_kinds_of_its_matches(prepared: FrontEnd) -> None:
    reply = complete(prepared, "my_")
    kinds = {
        item["text"]: item["type"] for item in reply["metadata"]["_jupyter_types_experimental"]
    }
    assert kinds["my_function"] == "function"
    assert list(kinds) == reply["matches"]


def test_names_of_ours_are_not_offered(shell: FrontEnd) -> None:
    assert completed(shell, "__mk") == completed(shell, "echo $__mk") == []


def test_completion_does_not_change_the_state(shell: FrontEnd) -> None:
    shell.execute("x=5; (exit 3)", stop_on_error=False)
    for code in ("ech", "echo $x", "cat f", "git che", "ls --co"):
        complete(shell, code)
    assert shell.execute("echo $x $?").stdout == "5 3\n"


def test_completion_writes_nothing(shell: FrontEnd) -> None:
    shell.execute("set -x")
    cell = shell.send(":")
    shell.result(cell)
    complete(shell, "ech")
    result = shell.execute("echo a")
    assert "compgen" not in result.stderr


def test_completion_is_answered_from_what_was_known_while_a_cell_runs(
    prepared: FrontEnd, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "gate")
    noted = Path(prepared.execute("echo $__mk_dir").stdout.strip(), "snapshot")
    while not noted.exists() or "my_function" not in noted.read_text():
        prepared.request("kernel_info")
    cell = prepared.send("echo begun; read < gate")
    prepared.until_text(cell, "begun")
    assert completed(prepared, "my_func") == ["my_function"]
    assert completed(prepared, "cat file_o") == ["cat file_one"]
    (tmp_path / "gate").write_text("\n")
    assert prepared.result(cell).status == "ok"


@pytest.fixture
def bash_completion() -> None:
    places = ("/usr", "/usr/local", "/opt/homebrew", "/opt/local")
    if not any(Path(p, "share/bash-completion/bash_completion").exists() for p in places):
        missing("bash-completion is missing: apt-get install bash-completion")


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("git che", "git checkout"),
        ("git checkout --det", "git checkout --detach"),
        ("echo a; git che", "echo a; git checkout"),
        ("x=$(git che", "x=$(git checkout"),
        ("ls --colo", "ls --color"),
        ("cd fold", "cd folder/"),
        ("cd with\\ sp", "cd with\\ space\\ folder/"),
        ("kill -KI", "kill -KILL"),
        ("git log --format=onel", "git log --format=oneline"),
        ("dd if=file_o", "dd if=file_one"),
        ("mine al", "mine alpha"),
        ("mine 'al", "mine 'alpha'"),
        ("mine sp", "mine spa\\ ced"),
    ],
)
def test_arguments(
    prepared: FrontEnd, bash_completion: None, tmp_path: Path, code: str, result: str
) -> None:
    needs("git", "git")
    (tmp_path / "with space folder").mkdir()
    prepared.execute(
        "git init -q; complete -F _mine mine\n"
        "_mine() {\n"
        "  COMPREPLY=($(compgen -W 'alpha beta' -- $2))\n"
        "  if [[ $2 == sp* ]]; then COMPREPLY=('spa ced'); fi\n"
        "}"
    )
    assert any(found.startswith(result) for found in completed(prepared, code))


def test_a_completion_function_that_hangs_is_given_up(
    shell: FrontEnd, bash_completion: None
) -> None:
    shell.execute("_slow() { while :; do :; done; }; complete -F _slow slow")
    assert completed(shell, "slow a") == []
    assert shell.execute("echo next").stdout == "next\n"


# Every match is text that Bash reads as the file's name

NAMES = st.text(
    st.one_of(
        st.sampled_from(string.ascii_letters + " '\"\\$`!*?[](){}<>|&;#~=:%^-.,\t\n"),
        st.characters(exclude_categories=["Cs"], exclude_characters="/\0\a\x1b"),
    ),
    min_size=1,
    max_size=12,
).filter(lambda name: not name.startswith(".") and len(name.encode()) < 200)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=NAMES, quote=st.sampled_from(["", "'", '"']), command=st.sampled_from([": <", "cat "]))
@example(name="$(touch made)", quote="", command="cat ")
@example(name="`touch made`", quote='"', command="cat ")
@example(name="it's", quote="'", command="cat ")
@example(name="-n", quote="", command="cat ")
@example(name="~", quote="", command="cat ")
@example(name="#", quote="", command="cat ")
@example(name="a\nb", quote="", command=": <")
@example(name="a\nb", quote='"', command=": <")
@example(name="!a", quote='"', command="cat ")
@example(name="a=b", quote="", command="cat ")
@example(name="a:b", quote="", command="cat ")
@example(name="{a,b}", quote="", command="cat ")
@example(name="\u00a0", quote="", command="cat ")
def test_a_completed_word_is_the_files_name(
    shell: FrontEnd,
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    quote: str,
    command: str,
) -> None:
    # Completion functions give names line by line, and a blank behind those that are whole.
    assume(command != "cat " or ("\n" not in name and not name.endswith(" ")))
    folder = tmp_path_factory.mktemp("names")
    (folder / name).touch()
    [code] = completed(shell, f"{command}{quote}{folder}/|")
    word = code.removeprefix(command)
    if quote and not word.endswith(quote):
        word += quote
    shell.execute(f"printf %s {word} > {folder}.out")
    assert Path(f"{folder}.out").read_bytes().decode() == f"{folder}/{name}"


# Neither completion nor inspection runs what the user typed

# Each makes the file m when it is run, or expanded.
EVIL = [
    "$(>m)", "`>m`", 'cat "$(>m)"', 'cat "`>m`"', "cat $(>m)/x", "cat `>m`/", "cat ~$(>m)/",
    "cat ${x-$(>m)}/", "${x:=`>m`}", "${x[$(>m)]}", "${!x[$(>m)]}", "$((a[$(>m)]))", "$[a[$(>m)]]",
    "let 'a[$(>m)]'", "[[ -v a[$(>m)]", "unset 'a[$(>m)]'", "a[$(>m)]=", "cat <(>m)", "cat >(>m)",
    "cat <<<$(>m)", "cat <<X\n$(>m)", "$(touch${IFS}m)", "{touch,m}", "eval >m ", ">m; ec",
    "git $(>m) che", "git `>m` add -", 'git add "$(>m)', "git add '$(>m)", "cd '$(>m)", "help '>m",
    "cd \\$\\(\\>m\\)", "sudo touch m", "./evil -", "evil -", "$PWD/evil", "x=$(>m) ec", "exec 5>m",
    "$'$(>m)'", "'; >m '", '"; >m; "', "'; >m #", "a\n>m\n", "\x03>m\n", "\x1b]133;D;0\x07>m",
    "${PS1@P}", "!>m", "evil_reference", "$evil_value", "${evil_index", "cat $evil_value/",
]  # fmt: skip


@pytest.fixture
def trapped(shell: FrontEnd, tmp_path: Path) -> Iterator[FrontEnd]:
    """A folder where evil lies about; the test fails when any of it was run."""
    for name in ("evil", "$(>m)", "`>m`", ";>m;", "a'$(>m)", "-$(>m)"):
        (tmp_path / name).write_text("#!/bin/sh\n>m\n")
        (tmp_path / name).chmod(0o755)
    shell.execute(
        "declare -n evil_reference='a[$(>m)]'; evil_value='$(>m)' evil_index='a[$(>m)]'\n"
        "PATH=$PWD:$PATH; complete -W '$evil_value' listed\n"
    )
    yield shell
    # What a question has started in the background has come to its end.
    shell.execute("wait")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("code", EVIL)
def test_neither_tab_nor_inspection_runs_what_was_typed(trapped: FrontEnd, code: str) -> None:
    """At every cursor position; requests are sent ahead, since there are many."""
    ids = []
    for cursor_pos in range(len(code) + 1):
        content = {"code": code, "cursor_pos": cursor_pos, "detail_level": 0}
        ids.append(trapped.post("shell", "complete_request", content))
        ids.append(trapped.post("shell", "inspect_request", content))
    ids.append(trapped.post("shell", "is_complete_request", {"code": code}))
    for msg_id in ids:
        trapped.result(msg_id)


@pytest.mark.parametrize(
    "code", ["cat ", "cat $", "cat `", "./", "cat ;", "cd ", "git add ", "cat a", "ls -", "listed "]
)
def test_names_of_files_and_words_of_lists_are_not_run(trapped: FrontEnd, code: str) -> None:
    complete(trapped, code)


def test_the_makefile_of_the_folder_is_not_run(
    trapped: FrontEnd, bash_completion: None, tmp_path: Path
) -> None:
    """bash-completion would have make read it, and expand what it says."""
    needs("make", "make")
    (tmp_path / "Makefile").write_text("x := $(shell >m)\nall: ; true\n")
    complete(trapped, "make ")


# Inspection


def inspect(shell: FrontEnd, code: str, detail_level: int = 0) -> Message:
    before, _, after = code.partition("|")
    content = {"code": before + after, "cursor_pos": len(before), "detail_level": detail_level}
    return shell.request("inspect", **content).content


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("read|only", "Mark shell variables as unchangeable"),
        ("readonly|", "Mark shell variables as unchangeable"),
        ("|readonly x", "Mark shell variables as unchangeable"),
        ("readonly x|", "Mark shell variables as unchangeable"),
        ("true; read|only", "Mark shell variables as unchangeable"),
        ("if|", "Execute commands based on conditional"),
        ("my_function|", "echo from my function"),
        ("my_alias|", "ls -l --all"),
        ("echo $my_variable|", "a value"),
        ("echo ${my_variable|}", "a value"),
        ("my_variable|=1", "a value"),
        ("my_array|", "[1]="),
        ("my_program|", "bin/my_program"),
        ("echo 👍; read|only", "Mark shell variables as unchangeable"),
    ],
)
@pytest.mark.parametrize("mime", ["text/plain", "text/html"])
def test_inspection(prepared: FrontEnd, code: str, said: str, mime: str) -> None:
    prepared.execute("my_function() { echo from my function; }; alias my_alias='ls -l --all'")
    prepared.execute("my_variable='a value'; my_array=(1 2)")
    reply = inspect(prepared, code)
    assert (reply["status"], reply["found"]) == ("ok", True)
    assert said in reply["data"][mime]


@pytest.mark.parametrize("code", ["no_such_name|", "|", "   |", "'|'", "$|", "$no_such_name|"])
def test_nothing_is_found(shell: FrontEnd, code: str) -> None:
    reply = inspect(shell, code)
    assert (reply["status"], reply["found"], reply["data"]) == ("ok", False, {})


def test_html_is_escaped(shell: FrontEnd) -> None:
    shell.execute("x='<script>&'")
    assert "&lt;script&gt;&amp;" in inspect(shell, "echo $x|")["data"]["text/html"]


@pytest.fixture
def manual() -> str:
    """The name of a command with a man page that is there."""
    needs("man", "man-db")
    if os.system("man -w ls > /dev/null 2>&1") != 0:
        missing("the man page of ls is missing: apt-get install manpages coreutils")
    return "ls"


@pytest.mark.parametrize("mime", ["text/plain", "text/html"])
def test_the_man_page_is_shown_without_escapes(shell: FrontEnd, manual: str, mime: str) -> None:
    page = inspect(shell, f"{manual}|", 1)["data"][mime]
    assert "list directory contents" in page
    assert not set(page) & set("\x1b\x08\r")


def test_the_man_page_has_its_headings_bold_in_html(shell: FrontEnd, manual: str) -> None:
    assert "<b>NAME</b>" in inspect(shell, f"{manual}|", 1)["data"]["text/html"]


def test_the_long_form_has_all_of_the_man_page(shell: FrontEnd, manual: str) -> None:
    short, long = (inspect(shell, f"{manual}|", level)["data"]["text/plain"] for level in (0, 1))
    assert long.count("\n") > short.count("\n")
    assert f"man {manual}" in short


def test_a_man_page_of_a_builtin_is_not_the_whole_of_bash(shell: FrontEnd) -> None:
    assert "Change the shell working directory" in inspect(shell, "cd|")["data"]["text/plain"]


# Completeness


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", "complete"),
        ("# comment", "complete"),
        ("echo a", "complete"),
        ("echo a\n", "complete"),
        ("echo 'a\nb'", "complete"),
        ("if true; then echo; fi", "complete"),
        ("cat <<X\na\nX", "complete"),
        ("echo a &", "complete"),
        ("shopt -s extglob; ls !(a)", "complete"),
        ("[[ a == b ]]", "complete"),
        ("echo a # it's", "complete"),
        ("echo \\\\", "complete"),
        ("if true; then", "incomplete"),
        ("if true", "incomplete"),
        ("while read x; do", "incomplete"),
        ("f() {", "incomplete"),
        ("echo 'a", "incomplete"),
        ('echo "a', "incomplete"),
        ("echo `a", "incomplete"),
        ("echo $(a", "incomplete"),
        ("echo ${a", "incomplete"),
        ("echo $((1 +", "incomplete"),
        ("((1 +", "incomplete"),
        ("[[ a", "incomplete"),
        ("[[ a ==", "incomplete"),
        ("[[ a &&", "incomplete"),
        ("x=(1 2", "incomplete"),
        ("cat <<X\na", "incomplete"),
        ("echo a \\", "incomplete"),
        ("echo a |", "incomplete"),
        ("echo a &&", "incomplete"),
        ("case x in", "incomplete"),
        ("for i in 1 2", "incomplete"),
        ("fi", "invalid"),
        ("echo )", "invalid"),
        ("}", "invalid"),
        ("if; then", "invalid"),
        ("echo a; done", "invalid"),
        ("[[ a b ]]", "invalid"),
        ("( ; )", "invalid"),
        (";;", "invalid"),
        ("echo a && && b", "invalid"),
        ("echo \0", "invalid"),
    ],
)
def test_is_complete(shell: FrontEnd, code: str, status: str) -> None:
    assert shell.request("is_complete", code=code).content["status"] == status


@pytest.mark.parametrize(
    ("code", "indent"),
    [
        ("if true; then", "    "),
        ("if true; then\n    while true; do", "        "),
        ("f() {", "    "),
        ("f() {\n    echo", "    "),
        ("echo 'a", ""),
        ("echo a |", "    "),
        ("case x in", "    "),
    ],
)
def test_what_is_incomplete_is_indented(shell: FrontEnd, code: str, indent: str) -> None:
    reply = shell.request("is_complete", code=code).content
    assert (reply["status"], reply["indent"]) == ("incomplete", indent)


def test_is_complete_runs_nothing(trapped: FrontEnd) -> None:
    trapped.request("is_complete", code="touch made\necho $(touch made)\nif true")


# History


def history(front_end: FrontEnd, kind: str, **options: object) -> list[list[object]]:
    """(session, line, input) rows."""
    content = {"hist_access_type": kind, "output": False, "raw": True, **options}
    return list(front_end.request("history", **content).content["history"])


def inputs(rows: list[list[object]]) -> list[object]:
    return [row[2] for row in rows]


@pytest.fixture
def remembering(bash: FrontEnd) -> FrontEnd:
    for code in ("echo 1", "echo 2", "", "echo 1", "ls"):
        bash.execute(code)
    bash.execute("echo silent", silent=True)
    bash.execute("echo not stored", store_history=False)
    return bash


def test_tail_range_and_search(remembering: FrontEnd) -> None:
    """One kernel for all, since each takes a second to start."""
    all_of_it = ["echo 1", "echo 2", "echo 1", "ls"]
    assert inputs(history(remembering, "tail", n=10)) == all_of_it
    assert inputs(history(remembering, "tail", n=2)) == ["echo 1", "ls"]
    assert [row[1] for row in history(remembering, "tail", n=10)] == [1, 2, 4, 5]
    assert inputs(history(remembering, "range", session=0, start=1, stop=3)) == all_of_it[:2]
    assert inputs(history(remembering, "range", session=0, start=2, stop=None)) == all_of_it[1:]
    assert inputs(history(remembering, "search", pattern="echo*")) == all_of_it[:3]
    assert inputs(history(remembering, "search", pattern="*2*")) == ["echo 2"]
    assert inputs(history(remembering, "search", pattern="echo*", n=1)) == ["echo 1"]
    unique = history(remembering, "search", pattern="echo*", unique=True)
    assert inputs(unique) == ["echo 2", "echo 1"]
    with_output = remembering.request(
        "history", hist_access_type="tail", output=True, raw=True, n=1
    ).content["history"]
    assert [row[2] for row in with_output] == [["ls", None]]


def test_history_lives_from_session_to_session(start_kernel: Start) -> None:
    first, second = start_kernel(), start_kernel()
    first.execute("echo first")
    second.execute("echo second")
    first.execute("echo third")
    assert inputs(history(second, "tail", n=10))[-3:] != []
    third = start_kernel()
    third.execute("echo fourth")
    rows = history(third, "tail", n=10)
    assert set(inputs(rows)) == {"echo first", "echo second", "echo third", "echo fourth"}
    assert len({row[0] for row in rows}) == 3
    assert inputs(history(third, "range", session=0, start=1, stop=None)) == ["echo fourth"]
    assert inputs(history(third, "range", session=-1, start=1, stop=None)) in (
        ["echo first", "echo third"],
        ["echo second"],
    )


@pytest.fixture
def history_file(_own_home: None) -> Path:
    return Path(os.environ["JUPYTER_DATA_DIR"], "mykernel", "history.sqlite")


def corrupt(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database\n" * 1000)


def of_another_schema(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as db:
        db.execute("create table cells (other)")
    db.close()


def in_no_folder(path: Path) -> None:
    path.parent.parent.mkdir(parents=True)
    path.parent.write_text("not a folder")


def is_a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def locked_for_good(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("begin exclusive")
    return db


@pytest.mark.parametrize(
    "spoil", [corrupt, of_another_schema, in_no_folder, is_a_folder, locked_for_good]
)
def test_a_history_file_that_cannot_be_used_stops_no_cell(
    history_file: Path, start_kernel: Start, spoil: Callable[[Path], sqlite3.Connection | None]
) -> None:
    db = spoil(history_file)
    front_end = start_kernel()
    assert front_end.execute("echo works").stdout == "works\n"
    assert inputs(history(front_end, "tail", n=5)) == ["echo works"]
    if db is not None:
        db.close()


def test_the_history_file_is_closed_to_others(history_file: Path, bash: FrontEnd) -> None:
    bash.execute("echo secret")
    assert history_file.stat().st_mode & 0o077 == 0
