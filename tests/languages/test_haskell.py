"""What Haskell has beyond the contract."""

from __future__ import annotations

import re
import sys

import pytest
from frontend import launch, results, traceback
from toolchains import needs


@pytest.fixture(scope="module")
def haskell(tmp_path_factory):
    """One kernel for all; what a test declares is its own affair."""
    needs("ghci", "ghc")
    argv = [sys.executable, "-m", "mykernel", "kernel", "haskell", "--no-startup-files"]
    front_end = launch([*argv, "-f", "{connection_file}"], tmp_path_factory.mktemp("haskell"))
    front_end.execute("import Control.Concurrent\nimport Control.Exception\nimport System.IO")
    yield front_end
    front_end.close()


def failed_line(result):
    return int(re.search(r"----> *(\d+)", traceback(result))[1])


@pytest.mark.parametrize(
    ("code", "shown", "stdout"),
    [
        ("1 + 1", ["2"], ""),
        ("1\n'a'\n\"b\"", ['"b"'], "1\n'a'\n"),
        ("return 5", ["5"], ""),
        ("()", ["()"], ""),
        ("print 1", [], "1\n"),
        ("x = 1", [], ""),
        ("let x = 1", [], ""),
        ("x <- return 3\nx", ["3"], ""),
        ("-- nothing", [], ""),
        ("{- nothing\nat all -}", [], ""),
        (":type map", [], "map :: (a -> b) -> [a] -> [b]\n"),
        (":kind Maybe", [], "Maybe :: * -> *\n"),
        ("2 -- behind", ["2"], ""),
        ("  3", ["3"], ""),
        ("x = 1\r\nx + 1\r\n", ["2"], ""),
        ("ä = 5\nä + 1", ["6"], ""),
        ('putStr "no newline"', [], "no newline"),
    ],
)
def test_each_expression_shows_its_value_and_the_last_is_the_result(haskell, code, shown, stdout):
    result = haskell.execute(code)
    assert (results(result), result.stdout, result.stderr) == (shown, stdout, "")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("f 0 = 1\nf n = n * f (n - 1)\nf 5", "120"),
        ("g :: Int -> Int\ng n\n  | n > 0 = 1\n  | otherwise = 2\ng 3", "1"),
        ("e 0 = True\ne n = o (n - 1)\no 0 = False\no n = e (n - 1)\ne 4", "True"),
        ("infixl 6 <+>\n(<+>) :: Int -> Int -> Int\na <+> b = a * 10 + b\n1 <+> 2", "12"),
        ("x = 1\nx = 2\nx", "2"),
        ("x = 1\nx :: Int", "1"),
        ("m = [ 1\n, 2\n]\nsum m", "3"),
        ("if True\nthen 1\nelse 2", "1"),
        ("let a = 1\n    b = 2\na + b", "3"),
        (":{\nlet a = 3\n    b = 4\n:}\na + b", "7"),
        ("s = \"-- no comment {- \\\n  \\b\"\nlength s", "18"),
        ("c' = '\\''\nd = ('\"', c')\nd", "('\"','\\'')"),
        ("{- a {- nested -} \" -}\nx = 1 {- in -} + 1\nx", "2"),
        ("data R = R { a, b :: Int }\n  deriving Show\nR { a = 1, b = 2 }", "R {a = 1, b = 2}"),
        ("{-# LANGUAGE LambdaCase #-}\n(\\case { 1 -> 'a'; _ -> 'b' }) 1", "'a'"),
        (":set -XTupleSections\nmap (,1) [2]", "[(2,1)]"),
        ("import qualified Data.Map as M\nimport Data.List\n  (sort)\nM.size M.empty", "0"),
        ("main :: IO ()\nmain = do\n  let y = 1\n\n  print y\nmain >> return 4", "4"),
        ("module Main where\nimport Data.Char\nq = toUpper 'q'\nq", "'Q'"),
        (
            "class A a where\n  f :: a -> Int\n\ninstance A Q where\n  f Q = 9\n\ndata Q = Q\nf Q",
            "9",
        ),
    ],
)  # fmt: skip
def test_declarations_and_expressions_need_no_brackets(haskell, code, shown):
    assert results(haskell.execute(code)) == [shown]


@pytest.mark.parametrize(
    ("code", "ename", "evalue", "line"),
    [
        ("print 1\n\nprint (1 +\n  nosuch)", "CompileError", "Variable not in scope: nosuch", 4),
        ("x = 1\nf :: Int -> String\nf x = x", "CompileError", "Couldn't match type", 3),
        ("let y = (\nprint 2", "CompileError", "parse error", 2),
        ("x = = 1", "CompileError", "parse error on input", 1),
        ("import No.Such.Module", "CompileError", "Could not find module", 1),
        ("\n:type nosuch", "CompileError", "Variable not in scope: nosuch", 2),
        ("1\n{-# LANGUAGE NoSuch #-}", "CompileError", "Some flags have not been recognized", 2),
        (":load NoSuch", "CompileError", "cannot be found locally", 1),
        ("\nhead []", "Exception", "Prelude.head: empty list", 2),
        ("data E = E deriving Show\ninstance Exception E\nthrowIO E", "Exception", "E", 3),
        ("readFile \"/no/such\"", "Exception", "/no/such: openFile: does not exist", 1),
        ("let g (Just x) = x in\n  g Nothing", "Exception", "Non-exhaustive patterns", 1),
        ("f = error \"boom\"\n\n1\nf", "Exception", "boom", 1),
        ("import System.Exit\nexitWith (ExitFailure 3)", "Exception", "ExitFailure 3", 2),
    ],
)  # fmt: skip
def test_an_error_names_the_line_and_is_no_stream(haskell, code, ename, evalue, line):
    result = haskell.execute(code)
    assert (result.status, result.ename) == ("error", ename)
    assert evalue in result.evalue
    assert (failed_line(result), result.stderr) == (line, "")
    assert "mykernel" not in traceback(result)


def test_the_block_is_named_where_ghci_names_no_line(haskell):
    assert "in the block" in traceback(haskell.execute("head []"))
    assert "in the block" not in traceback(haskell.execute("f :: Int -> String\nf x = x"))


def test_what_stands_before_an_error_has_run_and_what_stands_behind_has_not(haskell):
    result = haskell.execute("before = 1\nprint before\nhead []\nprint 2\nbehind = 1")
    assert (result.stdout, result.ename) == ("1\n", "Exception")
    assert haskell.execute("behind").ename == "CompileError"
    assert results(haskell.execute("before")) == ["1"]


def test_warnings_are_no_errors(haskell):
    result = haskell.execute(
        "{-# OPTIONS_GHC -Wincomplete-patterns #-}\nh (Just q) = 1\nh (Just 2)"
    )
    assert results(result) == ["1"]
    assert "warning: [-Wincomplete-patterns]" in result.stderr
    result = haskell.execute("h (Just q) = 1\n\nnosuch")
    assert (failed_line(result), "warning" in result.stderr) == (3, True)
    haskell.execute(":set -Wno-incomplete-patterns")


def test_what_looks_like_an_error_of_ghci_is_output(haskell):
    result = haskell.execute('hPutStrLn stderr "\\n*** Exception: none\\n"\nhPutStr stderr "In["')
    assert (result.status, result.stderr) == ("ok", "\n*** Exception: none\n\nIn[")


@pytest.mark.parametrize("code", ["threadDelay 100000000", "let f n = f (n + 1) in f 0", "[1 ..]"])
def test_an_interrupt_keeps_the_state(haskell, code):
    haskell.execute("kept = 42")
    cell = haskell.send(f'putStrLn "ready"\n{code}\nputStrLn "late"')
    haskell.until_text(cell, "ready")
    haskell.interrupt()
    result = haskell.result(cell)
    assert (result.ename, result.stderr) == ("KeyboardInterrupt", "")
    assert "late" not in result.stdout
    assert results(haskell.execute("kept")) == ["42"]


def test_interrupts_one_after_another_leave_nothing_behind(haskell):
    haskell.execute("kept = 42")
    for _ in range(20):
        cell = haskell.send('putStrLn "ready"\nlet f n = f (n + 1) in f 0')
        haskell.until_text(cell, "ready")
        haskell.interrupt()
        haskell.interrupt()
        assert haskell.result(cell).ename == "KeyboardInterrupt"
        assert results(haskell.execute("kept")) == ["42"]


def test_lines_are_asked_for_one_by_one(haskell):
    code = 'let loop = getLine >>= \\l -> if l == "" then return 0 else (+ 1) <$> loop\nloop'
    result, asked = haskell.converse(code, ["a", "b", ""])
    assert (results(result), len(asked)) == (["2"], 3)
    result, _ = haskell.converse("hSetBuffering stdin NoBuffering\ngetChar", ["z"])
    assert results(result) == ["'z'"]
    result, asked = haskell.converse('hSetEcho stdin False\nputStr "PIN: "\ngetLine', ["7"])
    assert (results(result), asked) == (['"7"'], [{"prompt": "PIN: ", "password": True}])


@pytest.mark.parametrize("code", ["s <- getContents\nlength s", "hClose stdin"])
def test_input_that_was_closed_is_there_again(haskell, code):
    haskell.execute(code)
    result, _ = haskell.converse("getLine", ["again"])
    assert results(result) == ['"again"']


def test_work_without_the_terminal_is_no_question(haskell):
    result = haskell.execute("hSetBuffering stdin NoBuffering\nthreadDelay 500000\n6")
    assert results(result) == ["6"]


@pytest.mark.parametrize(
    "code",
    [
        "import Prelude ()\nimport qualified Prelude",
        ":module - Prelude",
        "it = 1",
        "show = 1\nprint = 2\nputStrLn = 3",
        ":cd /",
        ":set +t +s",
        ":set -XOverloadedStrings",
        ":load",
        ":set prompt oops",
        ':set prompt-function \\_ _ -> return "oops"',
    ],
)
def test_redefinition_leaves_the_kernel_whole(haskell, code):
    assert haskell.execute(code).status == "ok"
    assert "42" in results(haskell.execute("42"))
    haskell.execute(":load\n:module Prelude\n:unset +t +s\n:set -XNoOverloadedStrings")
    assert haskell.execute("putStrLn (show 1)").stdout == "1\n"
    haskell.execute("import Control.Concurrent\nimport Control.Exception\nimport System.IO")


def test_a_module_can_be_loaded(haskell, tmp_path):
    (tmp_path / "Mine.hs").write_text("module Mine where\nmine = 42\n")
    (tmp_path / "Bad.hs").write_text("module Bad where\nbad = \n")
    result = haskell.execute(f":cd {tmp_path}\n:load Mine\nmine")
    assert results(result) == ["42"]
    result = haskell.execute(":load Bad")
    assert (result.ename, "Bad.hs:" in traceback(result)) == ("CompileError", True)
    assert results(haskell.execute("7")) == ["7"]
    haskell.execute(":load\nimport Control.Concurrent\nimport Control.Exception\nimport System.IO")


def test_tab_and_shift_tab_run_nothing(haskell, tmp_path):
    trap = tmp_path / "ran"
    haskell.execute(
        f'import Foreign\ntrap = writeFile "{trap}" ""\ntrapped = unsafe where unsafe = trap'
    )
    for code, match in (
        ("trap", "trapped"),
        ("import Data.Li", "Data.List"),
        ("Foreign.newSt", "Foreign.newStablePtr"),
        (":ty", ":type"),
        ("x<-putStrL", "-putStrLn"),
    ):
        found = haskell.request("complete", code=code, cursor_pos=len(code))
        assert (match in found.content["matches"], found.stdout) == (True, ""), code
    for code, text in (("trap", "trap :: IO ()"), ("map", "map ::"), ("<$>", "infixl 4 <$>")):
        found = haskell.request("inspect", code=code, cursor_pos=1, detail_level=0)
        assert text in found.content["data"]["text/plain"], code
    assert not trap.exists()
    found = haskell.request("complete", code="mykernel", cursor_pos=8)
    assert found.content["matches"] == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("f x = do\n  print x", "incomplete"),
        ("f x = do\n  print x\n", "complete"),
        ("(1 +", "incomplete"),
        ("{- open", "incomplete"),
        (":{\nlet x = 1", "incomplete"),
        ("data A = A |", "incomplete"),
        ("case x of", "incomplete"),
        ("(]", "invalid"),
        ("'\"'", "complete"),
        (":type (", "complete"),
    ],
)
def test_completeness(haskell, code, status):
    assert haskell.request("is_complete", code=code).content["status"] == status


def test_large_cells(haskell):
    assert results(haskell.execute(f's = "{"a" * 100_000}"\nlength s')) == ["100000"]
    lines = "\n".join(["  \\a\\"] * 10_000)
    assert results(haskell.execute(f's = "\\\n{lines}\n  \\"\nlength s')) == ["10000"]
    result = haskell.execute("mapM_ print [1 .. 20000]")
    assert result.stdout.splitlines()[-1] == "20000"


def test_endless_recursion_is_an_error(haskell):
    assert haskell.execute("let f n = 1 + f n in f 0").evalue == "stack overflow"
    assert results(haskell.execute("1")) == ["1"]


def test_startup_files_are_read_unless_told_otherwise(start_kernel, tmp_path, monkeypatch):
    needs("ghci", "ghc")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ghci").write_text("mine = 42\n:set prompt oops\n")
    assert results(start_kernel("haskell").execute("mine")) == ["42"]
    assert start_kernel("haskell", "--no-startup-files").execute("mine").ename == "CompileError"
    assert not (tmp_path / ".ghc" / "ghci_history").exists()
