"""Progress of real programs is shown live, and kept as the last state that a terminal shows."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pictures import SGR, kept, on_terminal, states
from toolchains import needs

PYTHON = shlex.quote(sys.executable)
SIZE = 3_000_000
# Speeds and times differ from one run to the next, and with them the space around.
_FIGURES = re.compile(r"[ \d.,:~?-]*\d[ \d.,:~?-]*(?:m?s\b|[kM]?B?(?:/s)?)")

TQDM = """
import sys, time
from tqdm import tqdm, trange
form = "{desc} {bar} {n_fmt}/{total_fmt}"
"""
# To be seen more than once while they run, they take some ticks.
SCRIPTS = {
    "tqdm": f"""{TQDM}
for _ in trange(20, bar_format=form, desc="one"):
    time.sleep(0.03)
print("done")
""",
    "tqdm-nested": f"""{TQDM}
for _ in trange(3, bar_format=form, desc="outer"):
    for _ in trange(8, bar_format=form, desc="inner", leave=False):
        time.sleep(0.03)
print("done")
""",
    "tqdm-nested-left": f"""{TQDM}
for _ in trange(3, bar_format=form, desc="outer"):
    for _ in trange(8, bar_format=form, desc="inner"):
        time.sleep(0.03)
""",
    "tqdm-positions": f"""{TQDM}
bars = [tqdm(total=8, bar_format=form, desc=name, position=n) for n, name in enumerate("abc")]
for i in range(8):
    for bar in bars:
        bar.update()
        time.sleep(0.01)
    if i == 4:
        tqdm.write("a message", file=sys.stderr)  # between the streams the order may differ
for bar in bars:
    bar.close()
""",
    "rich": """
import time
from rich.progress import BarColumn, Progress, TextColumn
columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}")
with Progress(*columns) as bars:
    one, two = bars.add_task("one", total=20), bars.add_task("two", total=40)
    for i in range(40):
        bars.update(one, advance=0.5)
        bars.update(two, advance=1)
        time.sleep(0.02)
        if i % 15 == 0:
            bars.console.print("at", i)
print("done")
""",
    "rich-table": """
import time
from rich.live import Live
from rich.table import Table
def table(rows):
    made = Table("n", "square", title="a table")
    for n in range(rows):
        made.add_row(str(n), f"[red]{n * n}[/red]")
    return made
with Live(table(0), refresh_per_second=20) as live:
    for n in range(8):
        live.update(table(n))
        time.sleep(0.06)
""",
    # Layers that are drawn over in place, as docker pull does.
    "layers": r"""
import sys, time
layers = ["a1", "b2", "c3"]
def show(number, text):
    up = len(layers) - number
    sys.stdout.write(f"\x1b[{up}A\x1b[2K\r{layers[number]}: {text}\x1b[{up}B\r")
    sys.stdout.flush()
for layer in layers:
    print(f"{layer}: Pulling fs layer")
for percent in range(0, 101, 10):
    for number in range(len(layers)):
        show(number, f"Downloading [{'=' * (percent // 5)}>{' ' * (20 - percent // 5)}] {percent}%")
        time.sleep(0.02)
for number in range(len(layers)):
    show(number, "Pull complete")
print("Status: Downloaded newer image")
""",
    # A status line that is longer than the screen is wide, erased row by row, as ora does.
    "wrapped": r"""
import sys, time
print("above")
for i in range(10):
    if i:
        sys.stdout.write("\x1b[2K\x1b[1A\x1b[2K\x1b[G")
    sys.stdout.write(f"working on {i} " + "x" * 100)
    sys.stdout.flush()
    time.sleep(0.03)
print()
""",
    "backspaces": r"""
import sys, time
for i in range(20):
    sys.stdout.write("\b" + "|/-\\"[i % 4])
    sys.stdout.flush()
    time.sleep(0.03)
print("\bdone")
""",
}


class _Files(SimpleHTTPRequestHandler):
    """Serves files at a speed at which there is progress to be seen."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        while block := source.read(SIZE // 10):
            outputfile.write(block)
            self.server.pause.wait(0.2)  # type: ignore[attr-defined]

    def log_message(self, *_: Any) -> None:
        pass


class _Packages(BaseHTTPRequestHandler):
    """An npm registry with one package, which takes its time."""

    def do_GET(self) -> None:
        self.server.pause.wait(0.7)  # type: ignore[attr-defined]
        package = _npm_package()
        body = package
        if not self.path.endswith(".tgz"):
            digest = base64.b64encode(hashlib.sha512(package).digest()).decode()
            address = f"http://127.0.0.1:{self.server.server_address[1]}/demo/-/demo.tgz"
            dist = {"tarball": address, "integrity": f"sha512-{digest}"}
            version = {"name": "demo", "version": "1.0.0", "dist": dist}
            tags, versions = {"latest": "1.0.0"}, {"1.0.0": version}
            whole = {"name": "demo", "dist-tags": tags, "versions": versions}
            body = json.dumps(whole).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _npm_package() -> bytes:
    described = json.dumps({"name": "demo", "version": "1.0.0"}).encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("package/package.json")
        member.size = len(described)
        archive.addfile(member, io.BytesIO(described))
    return packed.getvalue()


def _serve(handler: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.pause = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.pause.set()  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def files(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address under which it is served."""
    folder = tmp_path / "served"
    folder.mkdir()
    yield from ((folder, url) for url in _serve(partial(_Files, directory=folder)))


@pytest.fixture
def registry() -> Iterator[str]:
    """The address of an npm registry with the package demo."""
    yield from _serve(_Packages)


def assert_same_as_on_a_terminal(kernel: Any, code: str, *, live: bool = True) -> None:
    """Run the code as a person, as a batch and in a terminal, and compare what is to be seen."""
    wanted = [_FIGURES.sub("#", line) for line in on_terminal(code, Path(kernel.cwd))]
    for person in (True, False):
        result = kernel.execute(code, allow_stdin=person)
        assert result.status == "ok", result.content
        seen = states(result)
        assert [_FIGURES.sub("#", line) for line in seen[-1]] == wanted
        # The last one comes at the cell's end; all others came while it ran.
        assert not live or len({tuple(lines) for lines in seen}) > 2
        if not person:
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", _without_line_ends(kept(result)))


def _without_line_ends(text: str) -> str:
    return re.sub("\r+\n", "\n", SGR.sub("", text))


@pytest.fixture
def kernel(shell: Any, tmp_path: Path) -> Any:
    shell.cwd = tmp_path
    return shell


@pytest.mark.parametrize("name", SCRIPTS)
def test_bars_and_tables(kernel, tmp_path, name):
    (tmp_path / "script.py").write_text(SCRIPTS[name])
    assert_same_as_on_a_terminal(kernel, f"{PYTHON} script.py")


@pytest.mark.parametrize("options", ["", "-#", "-Z -o second --url $url"])
def test_curl(kernel, files, options):
    needs("curl", "curl")
    folder, url = files
    (folder / "big").write_bytes(bytes(SIZE))
    code = f"url={url}/big; curl --noproxy '*' -o first {options} $url"
    assert_same_as_on_a_terminal(kernel, code)


def test_pip_downloads(kernel, files):
    folder, url = files
    wheel = _wheel(folder)
    (folder / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    assert_same_as_on_a_terminal(kernel, _pip(f"{url}/index.html"))


def test_pip_takes_a_local_wheel(kernel, files):
    folder, _ = files
    _wheel(folder)
    assert_same_as_on_a_terminal(kernel, _pip(str(folder)), live=False)


def _pip(where: str) -> str:
    return (
        f"rm -rf site; PIP_CONFIG_FILE=/dev/null {PYTHON} -m pip install --no-cache-dir --no-index"
        f" --disable-pip-version-check --find-links {where} --target site demo"
    )


def _wheel(folder: Path) -> Path:
    path = folder / "demo-1.0-py3-none-any.whl"
    described = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
    tagged = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo.bin", bytes(SIZE))
        archive.writestr("demo-1.0.dist-info/METADATA", described)
        archive.writestr("demo-1.0.dist-info/WHEEL", tagged)
        archive.writestr("demo-1.0.dist-info/RECORD", "")
    return path


def test_npm_spins(kernel, registry):
    needs("npm", "npm")
    options = f"--registry {registry} --cache cache --no-audit --no-fund --no-update-notifier"
    code = f"unset CI; rm -rf p cache; mkdir p; npm install --prefix p {options} demo 2>&1"
    assert_same_as_on_a_terminal(kernel, code)


def test_apt_downloads_and_installs(kernel, files, tmp_path):
    """With its bar at the foot of the screen, for which it makes the rest a scrolling region."""
    needs("apt-get", "apt")
    needs("dpkg-deb", "dpkg")
    folder, url = files
    root = tmp_path / "root"
    for name in ("info", "updates", "triggers"):
        (root / "var/lib/dpkg" / name).mkdir(parents=True)
    for name in ("status", "available"):
        (root / "var/lib/dpkg" / name).touch()
    (tmp_path / "sources.list").write_text(f"deb [trusted=yes] {url}/ ./\n")
    _repository(folder, tmp_path / "deb")
    (tmp_path / "apt.conf").write_text(_APT.replace("FOLDER", str(tmp_path)))
    setup = "export APT_CONFIG=$PWD/apt.conf; apt-get update >/dev/null 2>&1; rm -f cache/*/*.deb"
    assert_same_as_on_a_terminal(kernel, f"{setup}; rm -f *.deb; apt-get download demo")
    kernel.execute(f"{setup}; apt-get install -y demo")
    assert_same_as_on_a_terminal(kernel, f"{setup}; apt-get install -y --reinstall demo; echo done")


_APT = """
Dir::State "FOLDER/state";
Dir::State::status "FOLDER/root/var/lib/dpkg/status";
Dir::Cache "FOLDER/cache";
Dir::Log "FOLDER";
Dir::Etc::sourcelist "FOLDER/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::parts "/dev/null";
Acquire::Languages "none";
Acquire::http::Proxy "false";
APT::Sandbox::User "";
Debug::NoLocking "1";
Dpkg::Progress-Fancy "1";
DPkg::Options { "--root=FOLDER/root"; "--force-not-root"; "--force-bad-path"; "--log=/dev/null"; };
"""


def _repository(folder: Path, tree: Path) -> None:
    """A Debian repository with the package demo."""
    (tree / "DEBIAN").mkdir(parents=True)
    control = (
        "Package: demo\nVersion: 1.0\nArchitecture: all\n"
        "Maintainer: nobody <nobody@localhost>\nDescription: a demo\n"
    )
    (tree / "DEBIAN/control").write_text(control)
    (tree / "demo.bin").write_bytes(os.urandom(SIZE))
    package = folder / "demo_1.0_all.deb"
    subprocess.run(["dpkg-deb", "-Zgzip", "-b", tree, package], check=True, capture_output=True)
    data = package.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    entry = f"Filename: {package.name}\nSize: {len(data)}\nSHA256: {digest}\n"
    (folder / "Packages").write_text(control + entry)
    (folder.parent / "state/lists/partial").mkdir(parents=True)
    (folder.parent / "cache/archives/partial").mkdir(parents=True)
