"""Other ways to run a cell of Go than as it stands: %args, %exec, %%main, %serve."""

from __future__ import annotations

import os
import signal

import psutil
import pytest
from frontend import FrontEnd, results, traceback
from toolchains import needs_language


@pytest.fixture
def go(go: FrontEnd) -> FrontEnd:
    """A kernel that remembers nothing."""
    go.execute("%stop")
    assert go.execute("%reset\n%args --").status == "ok"
    return go


FUNCTIONS = """
func hello() { fmt.Println("hello", os.Args[1:]) }
func add(a, b int) int { return a + b }
func answer() (int, error) { return 42, nil }
limit := 3
"""


def test_args_are_those_of_this_cell_and_of_later_ones(go):
    assert results(go.execute("%args a 'b c'\nos.Args")) == ['[]string{"cell", "a", "b c"}']
    assert results(go.execute("len(os.Args)")) == ["3"]
    assert go.execute("%args").stdout == "a 'b c'\n"


def test_args_can_be_taken_back(go):
    assert go.execute("%args a b").status == "ok"
    assert results(go.execute("%args --\nos.Args")) == ['[]string{"cell"}']
    assert go.execute("%args").stdout == "programs are given no arguments\n"


def test_flags_are_parsed_out_of_args(go):
    cell = '%args -n 7 rest\nn := flag.Int("n", 1, "how many")\nflag.Parse()\nfmt.Sprint(*n, '
    assert results(go.execute(cell + "flag.Args())")) == ['"7 [rest]"']


def test_args_with_an_open_quote_are_refused(go):
    refused = go.execute("%args 'a\nfmt.Println(1)")
    assert (refused.ename, refused.stdout) == ("DirectiveError", "")


def test_exec_runs_a_remembered_function_with_its_own_arguments(go):
    assert go.execute(f"%args always\n{FUNCTIONS}").status == "ok"
    assert go.execute("%exec hello x 'y z'").stdout == "hello [x y z]\n"
    assert results(go.execute("os.Args[1:]")) == ['[]string{"always"}']


def test_exec_shows_what_the_function_returns(go):
    assert go.execute(FUNCTIONS).status == "ok"
    assert results(go.execute("%exec answer")) == ["42"]


def test_exec_says_which_parameters_a_function_takes(go):
    assert go.execute(FUNCTIONS).status == "ok"
    result = go.execute("%exec add 1 2")
    assert result.ename == "CompileError"
    assert "want (int, int)" in result.evalue
    assert "add()" in traceback(result)


def test_exec_runs_a_function_of_its_own_cell(go):
    assert go.execute("%exec fresh a\nfunc fresh() { fmt.Print(os.Args[1]) }").stdout == "a"


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("helo", "did you mean hello?"),
        ("limit", "limit is no function, but a var"),
        ("", "there are hello, add, answer"),
    ],
)
def test_exec_of_what_is_no_function_says_so(go, argument, said):
    assert go.execute(FUNCTIONS).status == "ok"
    refused = go.execute(f"%exec {argument}")
    assert refused.ename == "DirectiveError"
    assert said in refused.evalue


def test_tab_offers_functions_behind_exec(go):
    assert go.execute(FUNCTIONS).status == "ok"
    code = "%exec a"
    found = go.request("complete", code=code, cursor_pos=len(code)).content["matches"]
    assert found == ["add", "answer"]


@pytest.mark.parametrize("name", ["%%main", "%main"])
def test_main_leaves_no_variables_but_sets_those_there_are(go, name):
    assert go.execute(FUNCTIONS).status == "ok"
    cell = f"{name} -v\nlocal := limit + 1\nlimit = local\nfmt.Println(limit, os.Args[1:])"
    assert go.execute(cell).stdout == "4 [-v]\n"
    assert results(go.execute("limit")) == ["4"]
    assert "undefined: local" in go.execute("local").evalue


def test_errors_in_main_have_their_place(go):
    result = go.execute("%%main\nfmt.Println(1)\nx := 5")
    assert result.evalue.endswith(":3:1: declared and not used: x")


SERVER = """%serve
listener, _ := net.Listen("tcp", "127.0.0.1:0")
port := listener.Addr().(*net.TCPAddr).Port
go func() {
    for {
        client, err := listener.Accept()
        if err != nil {
            return
        }
        fmt.Fprint(client, "served")
        client.Close()
        fmt.Println("told")
    }
}()"""
CLIENT = """
client, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
if err != nil {
    panic(err)
}
said, _ := io.ReadAll(client)
string(said)"""


def test_what_a_cell_serves_lives_on_until_stop(go):
    first = go.send(SERVER)
    name = f"In[{go.result(first).content['execution_count']}]"
    assert results(go.execute(CLIENT)) == ['"served"']
    assert go.execute("%stop").stdout == f"what {name} served was ended by SIGINT\n"
    assert "connection refused" in go.execute(CLIENT).evalue
    assert go.execute("%stop").evalue == "no program of %serve is running"


def test_the_port_of_what_was_stopped_is_free(go):
    assert go.execute(SERVER).status == "ok"
    assert go.execute("%stop").status == "ok"
    assert results(
        go.execute('_, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port))\nerr == nil')
    )


def test_what_is_served_writes_to_its_cell(go):
    """While no other cell runs."""
    cell = go.send(SERVER.replace("listener.Accept()", "wait(listener)") + WAITING)
    go.until_text(cell, "woken")
    go.until(cell, lambda message: message["msg_type"] == "status")


WAITING = """
func wait(listener net.Listener) (net.Conn, error) {
    time.Sleep(200 * time.Millisecond)
    fmt.Println("woken")
    return nil, io.EOF
}"""


def test_an_interrupt_of_another_cell_leaves_what_is_served(go):
    assert go.execute(SERVER).status == "ok"
    cell = go.send('fmt.Println("ready")\nfor {}')
    go.until_text(cell, "ready")
    go.interrupt()
    assert go.result(cell).ename == "KeyboardInterrupt"
    assert results(go.execute(CLIENT)) == ['"served"']


def test_the_next_serve_ends_the_one_before(go):
    assert go.execute(SERVER.replace("port :=", "first :=")).status == "ok"
    assert go.execute(SERVER).status == "ok"
    assert results(go.execute(CLIENT)) == ['"served"']
    assert "connection refused" in go.execute(CLIENT.replace("port", "first")).evalue


def test_what_heeds_no_signal_is_killed(go):
    assert go.execute("%serve\nsignal.Ignore(os.Interrupt, syscall.SIGTERM)").status == "ok"
    assert "ended by SIGKILL" in go.execute("%stop").stdout


def test_the_end_of_what_is_served_is_told(go):
    cell = go.send("%serve\ngo func() {\n\ttime.Sleep(100 * time.Millisecond)\n\tos.Exit(3)\n}()")
    go.until_text(cell, "served has ended (exit status 3)")
    assert go.execute("%stop").ename == "DirectiveError"


def test_a_cell_that_fails_serves_nothing(go):
    result = go.execute('%serve\npanic("now")')
    assert (result.ename, result.evalue) == ("panic", "now")
    assert go.execute("%stop").ename == "DirectiveError"


def test_what_is_served_ends_with_the_kernel(start_kernel):
    needs_language("go")
    kernel = start_kernel("go")
    pid = int(results(kernel.execute("%serve\nos.Getpid()"))[0])
    served = psutil.Process(pid)
    os.kill(kernel.pid, signal.SIGKILL)
    served.wait(60)


def test_what_is_served_ends_with_the_helper(start_kernel):
    needs_language("go")
    kernel = start_kernel("go")
    shown = kernel.execute("%serve\nfmt.Println(os.Getpid(), os.Getppid())").stdout
    served, helper = (psutil.Process(int(pid)) for pid in shown.split())
    helper.kill()
    served.wait(60)
    assert results(kernel.execute("1 + 1")) == ["2"]
