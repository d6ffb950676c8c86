"""Directives in a Bash kernel: what they do, and what stays Bash's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from frontend import FrontEnd


def test_help_shows_all_and_more_of_one(shell: FrontEnd) -> None:
    shown = shell.execute("#%help").stdout
    for name in ("#%help", "#%time ", "#%timeit", "#%%writefile", "#%%capture", "#%restart"):
        assert f"  {name}" in shown
    assert "-a appends" in shell.execute("#%help %%writefile").stdout
    assert "did you mean #%time" in shell.execute("#%help tiem").evalue


def test_an_unknown_one_fails_before_anything_runs(shell: FrontEnd, tmp_path: Path) -> None:
    result = shell.execute("#%%writefle there\n#%restart\ntouch here")
    assert result.ename == "DirectiveError"
    assert result.evalue == "there is no directive #%%writefle; did you mean #%%writefile?"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", ["#%% cell\necho a", "# %time\necho a", "echo a\n#%nonsense"])
def test_comments_stay_comments(shell: FrontEnd, code: str) -> None:
    assert shell.execute(code).stdout == "a\n"


def test_no_here_document_holds_one(shell: FrontEnd) -> None:
    assert shell.execute("cat <<E\n#%nonsense\nE").stdout == "#%nonsense\n"


def test_lines_of_errors_are_the_cell_s(shell: FrontEnd) -> None:
    result = shell.execute("#%time\n\nfalse")
    assert result.status == "error"
    assert "line 3" in "".join(result.content["traceback"])


def test_the_time_stands_below_the_output(shell: FrontEnd) -> None:
    said = shell.execute("#%time echo a\nx=5").stdout.split("\n")
    assert said[0] == "a"
    assert said[1].startswith("CPU times: user ")
    assert said[2].startswith("Wall time: ")
    assert shell.execute("echo $x").stdout == "5\n"


def test_a_failed_cell_has_its_time_and_its_error(shell: FrontEnd) -> None:
    result = shell.execute("#%time exit 3")
    assert "Wall time: " in result.stdout
    assert "3" in result.evalue


def test_timeit_runs_as_often_as_it_is_told(shell: FrontEnd) -> None:
    shown = shell.execute("n=0\n").stdout + shell.execute("#%timeit -n 3 -r2 n=$((n + 1))").stdout
    assert "2 runs, 3 loops each" in shown
    # Once more, before it counts.
    assert shell.execute("echo $n").stdout == "7\n"


def test_timeit_shows_no_output_and_ends_at_an_error(shell: FrontEnd) -> None:
    shell.execute("n=0")
    result = shell.execute("#%timeit -n 5 -r 5\necho hidden; (( ++n < 3 ))")
    assert result.status == "error"
    assert "hidden" not in result.stdout
    assert shell.execute("echo $n").stdout == "3\n"


@pytest.mark.parametrize("argument", ["-n 0 true", "-n x true", "-r", "-n"])
def test_timeit_says_what_it_takes(shell: FrontEnd, argument: str) -> None:
    assert "%timeit" in shell.execute(f"#%timeit {argument}").evalue


def test_timeit_can_be_interrupted(shell: FrontEnd, tmp_path: Path) -> None:
    msg_id = shell.send("#%timeit -n 1000000 -r 1\necho >> count")
    shell.until(msg_id, lambda message: message["msg_type"] == "execute_input")
    while not (tmp_path / "count").exists() or (tmp_path / "count").stat().st_size < 5:
        shell.request("kernel_info")
    shell.interrupt()
    assert shell.result(msg_id).ename == "KeyboardInterrupt"
    assert shell.execute("echo still").stdout == "still\n"


def test_writefile(shell: FrontEnd, tmp_path: Path) -> None:
    text = "a $HOME `touch b` 'é'\n\n  E\n#%time"
    assert shell.execute(f"#%%writefile 'a file'\n{text}").stdout == "Writing a file\n"
    assert (tmp_path / "a file").read_text() == f"{text}\n"
    assert shell.execute("#%%writefile a\\ file\nx\n").stdout == "Overwriting a file\n"
    assert shell.execute("#%%writefile -a 'a file'\ny").stdout == "Appending to a file\n"
    assert (tmp_path / "a file").read_text() == "x\ny\n"


def test_writefile_follows_the_shell_s_folder(shell: FrontEnd, tmp_path: Path) -> None:
    shell.execute("mkdir -p below; cd below")
    shell.execute("#%%writefile f\nx")
    assert (tmp_path / "below" / "f").read_text() == "x\n"


@pytest.mark.parametrize("argument", ["", "a b", "-a", "'a", "no/such/folder", "."])
def test_writefile_refused(shell: FrontEnd, argument: str) -> None:
    result = shell.execute(f"#%%writefile {argument}\nx")
    assert result.ename == "DirectiveError"
    assert "%%writefile" in result.evalue


def test_capture_and_show(shell: FrontEnd) -> None:
    result = shell.execute("#%%capture kept\necho out; echo err >&2; x=3")
    assert (result.stdout, result.stderr) == ("", "")
    shown = shell.execute("#%captured kept\necho $x")
    assert (shown.stdout, shown.stderr) == ("out\n3\n", "err\n")
    assert "there is: " in shell.execute("#%captured none").evalue


def test_capture_lets_errors_through(shell: FrontEnd) -> None:
    result = shell.execute("#%%capture kept\necho out; false")
    assert result.status == "error"
    assert result.stdout == ""
    assert shell.execute("#%captured kept").stdout == "out\n"


def test_capture_goes_with_time(shell: FrontEnd) -> None:
    assert "Wall" not in shell.execute("#%%capture kept\n#%time\necho out").stdout
    assert "out\nCPU times" in shell.execute("#%captured kept").stdout


@pytest.mark.parametrize("code", ["#%time", "#%timeit -n 2", "#%%capture x\n\n"])
def test_what_wraps_wants_code(shell: FrontEnd, code: str) -> None:
    assert "wants code" in shell.execute(code).evalue


def test_restart_forgets_the_state(shell: FrontEnd) -> None:
    shell.execute("x=3")
    assert shell.execute('#%restart\necho "<$x>"').stdout.endswith("<>\n")


def test_config(shell: FrontEnd) -> None:
    assert "cell_timeout = 0\n" in shell.execute("#%config").stdout
    assert shell.execute("#%config cell_timeout = 1").stdout == "cell_timeout = 1\n"
    assert shell.execute("sleep 60").ename == "CellTimeoutError"
    shell.execute("#%config cell_timeout=0")
    assert "#%restart" in shell.execute("#%config columns=40").stdout
    assert shell.execute("echo $COLUMNS").stdout == "80\n"
    assert shell.execute("#%restart\necho $COLUMNS").stdout.endswith("40\n")
    shell.execute("#%config columns=80")


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("colums=3", "did you mean columns"),
        ("columns=0", "whole number from 1"),
        ("merge_stderr=perhaps", "neither true nor false"),
        ("database=postgresql://me:secret@host/", "password"),
        ("nonsense", "there is no option"),
    ],
)
def test_config_refused(shell: FrontEnd, argument: str, said: str) -> None:
    result = shell.execute(f"#%config {argument}")
    assert said in result.evalue
    assert "me:secret" not in result.evalue


def completed(shell: FrontEnd, code: str) -> tuple[list[str], str]:
    """The matches at the code's end, and what they take the place of."""
    content = shell.request("complete", code=code, cursor_pos=len(code)).content
    return content["matches"], code[content["cursor_start"] : content["cursor_end"]]


def test_completion_at_the_head(shell: FrontEnd) -> None:
    assert completed(shell, "#%ti") == (["#%time", "#%timeit"], "#%ti")
    assert completed(shell, "\n #%%w") == (["#%%writefile"], "#%%w")
    assert "#%help" in completed(shell, "#%")[0]
    assert completed(shell, "true\n#%ti")[0] == []
    assert completed(shell, "#%config cell")[0] == ["cell_timeout"]
    assert "HOME" in completed(shell, "#%env HO")[0]


def test_completion_of_folders(shell: FrontEnd, tmp_path: Path) -> None:
    (tmp_path / "a b" / "c").mkdir(parents=True)
    (tmp_path / "a file").touch()
    assert completed(shell, "#%cd a")[0] == ["a b"]
    assert completed(shell, "#%cd a b/")[0] == ["a b/c"]
    assert completed(shell, f"#%cd {tmp_path}/a")[0] == [f"{tmp_path}/a b"]
    assert completed(shell, "#%cd nowhere/")[0] == []


def test_completion_of_code_below_and_behind(shell: FrontEnd) -> None:
    shell.execute("a_name_of_mine=1")
    heads = "#%time\n", "#%time ", "#%time\n#%timeit -n 3 "
    for code in (f"{head}echo $a_name_o" for head in heads):
        matches, place = completed(shell, code)
        assert any("a_name_of_mine" in one for one in matches), code
        assert place in ("$a_name_o", "a_name_o")
    assert completed(shell, "#%%writefile f\necho $a_name_o")[0] == []


def test_inspection_of_a_directive_and_of_code(shell: FrontEnd) -> None:
    def inspected(code: str, cursor_pos: int) -> str:
        reply = shell.request("inspect", code=code, cursor_pos=cursor_pos, detail_level=0)
        return str(reply.content["data"].get("text/plain", ""))

    assert "how long" in inspected("#%time echo", 3)
    assert "echo" in inspected("#%time echo", 9)
    assert "how long" not in inspected("#%time echo", 9)
    assert inspected("#%%writefile f\necho", 17) == ""


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("#%help", "complete"),
        ("#%time", "incomplete"),
        ("#%time if true", "incomplete"),
        ("#%time\necho a", "complete"),
        ("#%nonsense", "invalid"),
        ("#%%writefile f\nif true", "incomplete"),
        ("#%%writefile f\nif true\n\n", "complete"),
    ],
)
def test_completeness(shell: FrontEnd, code: str, status: str) -> None:
    assert shell.request("is_complete", code=code).content["status"] == status


def test_cd_is_the_shell_s_and_the_kernel_s(bash: FrontEnd, tmp_path: Path) -> None:
    below = tmp_path / "it's `x` $HOME"
    below.mkdir()
    assert bash.execute(f"#%cd {below}\npwd").stdout == f"{below}\n{below}\n"
    assert bash.execute("#%restart\npwd").stdout.endswith(f"{below}\n")
    bash.execute("#%cd ..")
    assert bash.execute("pwd").stdout == f"{tmp_path}\n"
    assert "No such file" in bash.execute("#%cd nowhere").evalue
    assert bash.execute("pwd").stdout == f"{tmp_path}\n"
    assert bash.execute("#%cd\n[[ $PWD == ~ ]]").status == "ok"


def test_env_is_the_shell_s_and_the_kernel_s(bash: FrontEnd) -> None:
    value = "a 'b' $HOME `x` = é"
    assert bash.execute(f"#%env mine={value}\nprintenv mine").stdout == f"mine={value}\n{value}\n"
    assert bash.execute("#%restart\nprintenv mine").stdout.endswith(f"{value}\n")
    bash.execute("export mine=other; export lines=$'a\\nb'; unexported=1")
    assert bash.execute("#%env mine").stdout == "mine=other\n"
    shown = bash.execute("#%env").stdout
    assert "lines=a\nb\n" in shown
    assert "unexported" not in shown
    assert "__mk" not in shown
    assert "not set" in bash.execute("#%env unexported").evalue
    assert "NAME=VALUE" in bash.execute("#%env a-b=c").evalue


def test_a_secret_is_neither_shown_nor_remembered(bash: FrontEnd) -> None:
    result = bash.execute("set -x\n")
    result = bash.execute("#%env MY_TOKEN=hunter2\nset +x")
    assert "hunter2" not in result.stdout + result.stderr
    assert "hunter2" not in bash.execute("#%env").stdout + bash.execute("#%env MY_TOKEN").stdout
    assert bash.execute("printenv MY_TOKEN").stdout == "hunter2\n"
    history = bash.request("history", hist_access_type="tail", n=10, raw=True, output=False)
    assert "hunter2" not in str(history.content)
    assert "printenv" in str(history.content)


def test_a_secret_is_not_shown_by_a_shell_that_shows_what_it_reads(
    start_kernel: Callable[..., FrontEnd],
) -> None:
    bash = start_kernel("bash", "--merge-stderr")
    bash.execute("set -vx")
    result = bash.execute("#%env MY_TOKEN=hunter2")
    assert (result.stdout, result.stderr) == ("MY_TOKEN=<hidden>\n", "")


def test_a_variable_that_is_read_only_stays_so_everywhere(bash: FrontEnd) -> None:
    bash.execute("readonly fixed=1")
    assert "fixed: readonly variable" in bash.execute("#%env fixed=2").evalue
    assert bash.execute("echo $fixed").stdout == "1\n"
    assert bash.execute("#%restart\necho ${fixed-unset}").stdout.endswith("unset\n")


def test_who_shows_what_cells_have_defined(shell: FrontEnd) -> None:
    assert shell.execute("#%who").stdout == "no name has been defined\n"
    shell.execute("x=1; declare -i n=2; a=(1 2); export y; f() { :; }; set -u; exit 3")
    shown = shell.execute("#%who").stdout
    assert shown == "a  array\nf  function\nn  integer\nx  variable\n"
    assert shell.execute("#%who a").stdout == "a  array\n"
    assert shell.execute("#%who b").stdout == "no name that begins with b has been defined\n"
