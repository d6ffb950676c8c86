"""Whatever is declared, declared anew, removed and used in whatever order: Go's cells come to what
a fresh program comes to that has the same live declarations.

A model says what is live and what each cell is to print; at the end `go run` has its say, too.
"""

from __future__ import annotations

import os
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from frontend import FrontEnd

from mykernel import languages

# More of them: MYKERNEL_TORTURE_ORDERS=20 python -m pytest tests/languages/test_go_random.py
SEQUENCES = int(os.environ.get("MYKERNEL_TORTURE_ORDERS", "2"))
STEPS = 30
# Functions call those before them alone, so that each comes to an end. Of names, some are
# constants, some variables, and now and then one becomes the other.
FUNCTIONS = "fa", "fb", "fc", "fd"
NAMES = "na", "nb", "nc", "nd"
SLICES = "sa", "sb"
TYPES = "ta", "tb"
METHODS = "Ma", "Mb"
MODULUS = 10_007

# An expression that is an int: ("number", 5), ("name", "na"), ("last", "sa"), ("plus", a, b),
# ("call", "fa", argument), ("method", "ta.Ma", argument).
Expression = tuple


@dataclass
class Live:
    """A declaration. uses: the keys of others. body: of a function or method."""

    text: str
    uses: set[str] = field(default_factory=set)
    body: Expression = ()
    factor: int = 0


class Model:
    """What is live, by key, and what constants and variables hold."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.live: dict[str, Live] = {}
        self.values: dict[str, int | list[int]] = {}

    def step(self) -> str:
        """A cell that changes something, or nothing where it fails; "" where there is nothing."""
        steps = [self.function, self.function, self.constant, self.variable, self.variable]
        steps += [self.slice, self.type, self.method, self.change, self.remove, self.fail]
        return self.chance.choice(steps)()

    def function(self) -> str:
        name = self.chance.choice(FUNCTIONS)
        body, factor = self.expression(name), self.chance.randint(1, 9)
        text = f"func {name}(n int) int {{ return (n*{factor} + {source(body)}) % {MODULUS} }}"
        self.live[name] = Live(text, used(body), body, factor)
        return text

    def constant(self) -> str:
        name, number = self.chance.choice(NAMES), self.chance.randint(0, 99)
        self.live[name], self.values[name] = Live(f"const {name} = {number}"), number
        return self.live[name].text

    def variable(self) -> str:
        name, expression = self.chance.choice(NAMES), self.expression()
        self.values[name], self.live[name] = self.value(expression) % MODULUS, Live("")
        return f"{name} := {source(expression)} % {MODULUS}"

    def slice(self) -> str:
        name, expression = self.chance.choice(SLICES), self.expression()
        known = self.values.get(name)
        if isinstance(known, list) and self.chance.random() < 0.6:
            self.values[name] = [*known, self.value(expression) % MODULUS]
            return f"{name} = append({name}, {source(expression)} % {MODULUS})"
        self.values[name], self.live[name] = [self.value(expression) % MODULUS], Live("")
        return f"{name} := []int{{{source(expression)} % {MODULUS}}}"

    def type(self) -> str:
        name = self.chance.choice(TYPES)
        more = self.chance.choice(["", "; B string", "; b map[string]*" + name])
        self.live[name] = Live(f"type {name} struct{{ A int{more} }}")
        return self.live[name].text

    def method(self) -> str:
        owners = [name for name in TYPES if name in self.live]
        if not owners:
            return ""
        owner, name = self.chance.choice(owners), self.chance.choice(METHODS)
        # Of functions it calls none: these may use it.
        body = self.expression("")
        pointer = self.chance.choice(["", "*"])
        text = f"func (t {pointer}{owner}) {name}() int {{ return t.A + {source(body)} }}"
        self.live[f"{owner}.{name}"] = Live(text, {owner} | used(body), body)
        return text

    def change(self) -> str:
        if not (variables := self.variables()):
            return ""
        name, expression = self.chance.choice(variables), self.expression()
        self.values[name] = self.value(expression) % MODULUS
        return f"{name} = {source(expression)} % {MODULUS}"

    def variables(self) -> list[str]:
        return [name for name in NAMES if name in self.live and not self.live[name].text]

    def remove(self) -> str:
        """Something that no other declaration uses."""
        free = [key for key in self.live if not any(key in one.uses for one in self.live.values())]
        if not free:
            return ""
        key = self.chance.choice(free)
        del self.live[key]
        self.values.pop(key, None)
        return f"%rm {key}"

    def fail(self) -> str:
        """A cell that ends badly, or does not compile: all is as it was."""
        assignments = [f"{name} = 1\n" for name in self.variables()]
        new = f"{self.chance.choice(SLICES)} := []int{{1}}\n"
        return self.chance.choice(
            [
                "".join(assignments) + new + 'panic("meant")',
                "".join(assignments) + new + "os.Exit(3)",
                f"func {self.chance.choice(FUNCTIONS)}(n int) int {{ return nosuch }}",
                f"type {self.chance.choice(TYPES)} struct {{ A nosuch }}\n" + new,
            ]
        )

    def expression(self, function: str | None = None, depth: int = 3) -> Expression:
        """function: in whose body it is to be; "" in a method's; None in a cell."""
        kinds: list[Expression] = [("number", self.chance.randint(0, 9))]
        kinds += [("name", name) for name in NAMES if name in self.live]
        kinds += [("last", name) for name in SLICES if name in self.live]
        if depth and self.chance.random() < 0.8:
            one, other = (self.expression(function, depth - 1) for _ in range(2))
            kinds = [("plus", one, other)]
            kinds += [
                ("call", name, one)
                for name in FUNCTIONS
                if name in self.live and (function is None or name < function)
            ]
            if function != "":
                kinds += [("method", key, one) for key in self.live if "." in key]
        return self.chance.choice(kinds)

    def value(self, expression: Expression) -> int:
        match expression:
            case ("number", int(number)):
                return number
            case ("name", name):
                found = self.values[name]
                assert isinstance(found, int)
                return found
            case ("last", name):
                found = self.values[name]
                assert isinstance(found, list)
                return found[-1]
            case ("plus", one, other):
                return self.value(one) + self.value(other)
            case ("call", name, argument):
                one = self.live[name]
                return (self.value(argument) * one.factor + self.value(one.body)) % MODULUS
            case ("method", key, argument):
                return self.value(argument) + self.value(self.live[key].body)
        raise AssertionError(expression)

    def program(self, shown: list[Expression]) -> str:
        """A whole program that has all that is live, and shows what these come to."""
        lines = ["package main", 'import "fmt"']
        lines += [
            one.text or f"var {name} = {literal(self.values[name])}"
            for name, one in self.live.items()
        ]
        lines.append("func main() {\n" + show(shown) + "\n}")
        return "\n".join(lines)


def literal(value: int | list[int]) -> str:
    return f"[]int{{{str(value)[1:-1]}}}" if isinstance(value, list) else str(value)


def source(expression: Expression) -> str:
    match expression:
        case ("number", number):
            return str(number)
        case ("name", name):
            return str(name)
        case ("last", name):
            return f"{name}[len({name})-1]"
        case ("plus", one, other):
            return f"({source(one)} + {source(other)})"
        case ("call", name, argument):
            return f"{name}({source(argument)})"
        case ("method", key, argument):
            owner, _, name = key.partition(".")
            return f"(&{owner}{{A: {source(argument)}}}).{name}()"
    raise AssertionError(expression)


def used(expression: Expression) -> set[str]:
    """The keys of what it uses; a method's owner included."""
    match expression:
        case ("number", _):
            return set()
        case ("name" | "last", name):
            return {name}
        case ("plus", one, other):
            return used(one) | used(other)
        case ("call", name, argument):
            return {name} | used(argument)
        case ("method", key, argument):
            return {key, key.partition(".")[0]} | used(argument)
    raise AssertionError(expression)


def show(expressions: list[Expression]) -> str:
    return f"fmt.Println({', '.join(source(one) for one in expressions)})"


@pytest.fixture(scope="module")
def go(go: FrontEnd) -> FrontEnd:
    go.execute("fmt.Print()")
    return go


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_cells_in_any_order_come_to_what_a_fresh_program_does(
    go: FrontEnd, tmp_path: Path, seed: int
):
    model, cells = Model(random.Random(seed)), ["%reset"]
    go.execute(cells[0])
    for _ in range(STEPS):
        cell = model.step()
        shown = [model.expression() for _ in range(3)]
        if "nosuch" in cell or cell.startswith("%rm") or "panic" in cell or "os.Exit" in cell:
            cells.append(cell)
            ended = go.execute(cell)
            assert (ended.status == "ok") == cell.startswith("%rm"), told(cells, ended.evalue)
            cell = ""
        cells.append(f"{cell}\n{show(shown)}")
        result = go.execute(cells[-1])
        expected = " ".join(str(model.value(one)) for one in shown) + "\n"
        assert (result.ename, result.stdout) == ("", expected), told(cells, result.evalue)
        assert "value" not in result.stderr, told(cells, result.stderr)
    shown = [model.expression(depth=4) for _ in range(5)]
    assert go.execute(show(shown)).stdout == fresh(model.program(shown), tmp_path), told(cells, "")


def fresh(program: str, folder: Path) -> str:
    """What it prints."""
    (folder / "main.go").write_text(program)
    toolchain = languages.language("go").find_toolchain()
    done = subprocess.run(
        [toolchain.path, "run", "main.go"],
        cwd=folder,
        env={**os.environ, "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def told(cells: list[str], more: str) -> str:
    return "\n----\n".join([*cells, more])
