"""JupyterLab as a person meets it: a server of our own, and a page in Chromium."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from playwright.sync_api import Locator, Page

# Seconds, and the milliseconds of playwright, within which anything comes on the slowest machine.
PATIENCE = 90
PATIENCE_MS = PATIENCE * 1000

_SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # All cells are in the DOM, also those that one would have to scroll to.
    "notebook-extension/tracker": {"windowingMode": "none"},
}

_READY = """() => {
    const panel = window.jupyterapp?.shell?.currentWidget;
    const kernel = panel?.sessionContext?.session?.kernel;
    return panel?.sessionContext?.isReady && panel.content?.activeCell
        && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""


class Lab:
    """A JupyterLab server with our kernel installed. home: everything that it reads and writes."""

    def __init__(self, home: Path) -> None:
        self.root = home / "root"
        self.root.mkdir()
        self._environment = _environment(home)
        self.install("bash")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.base = f"http://127.0.0.1:{free.getsockname()[1]}"
        self._log: list[str] = []
        self._ready = threading.Event()
        self._server = self._start()
        self._reader = threading.Thread(target=self._read_log)
        self._reader.start()
        if not self._ready.wait(PATIENCE) or self._server.poll() is not None:
            self.close()
            raise RuntimeError("JupyterLab did not start:\n" + "".join(self._log))

    def install(self, language: str) -> None:
        """Have one more of our kernels."""
        install = [sys.executable, "-m", "mykernel", "install", language, "--user"]
        subprocess.run(install, env=self._environment, check=True, capture_output=True)

    def close(self) -> None:
        """End the server, which ends its kernels."""
        self._server.terminate()
        self._server.wait(PATIENCE)
        self._reader.join()

    def url(self, path: str) -> str:
        """The address of a page of JupyterLab with an empty workspace."""
        return f"{self.base}/lab{path}?token=secret&reset"

    def open(self, page: Page, name: str) -> None:
        """Open a notebook and wait until its kernel is idle."""
        page.goto(self.url(f"/tree/{name}"))
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.wait_for_function(_READY)

    def _start(self) -> subprocess.Popen[str]:
        port = self.base.rpartition(":")[2]
        options = [
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={port}",
            "--port-retries=0",
            f"--ServerApp.root_dir={self.root}",
            "--IdentityProvider.token=secret",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        return subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _read_log(self) -> None:
        assert self._server.stderr is not None
        with self._server.stderr as log:
            for line in log:
                self._log.append(line)
                if "is running at:" in line:
                    self._ready.set()
        self._ready.set()


def _environment(home: Path) -> dict[str, str]:
    for name, settings in _SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    own = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    inherited = {k: v for k, v in os.environ.items() if k not in {"JUPYTER_PATH", "BASH_ENV"}}
    return {**inherited, **{name: str(path) for name, path in own.items()}}


def cell(page: Page, index: int) -> Locator:
    """A code cell. index: among the code cells, from 0."""
    return page.locator(".jp-Notebook .jp-CodeCell").nth(index)


def run(page: Page, index: int) -> None:
    """Run one code cell with the keyboard; does not wait for it."""
    cell(page, index).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")


def output(page: Page, index: int, text: str) -> Locator:
    """Wait until a code cell has an output with that text."""
    found = cell(page, index).locator(".jp-OutputArea-output", has_text=text).first
    found.wait_for()
    return found


def press(page: Page, command: str) -> None:
    """Press the button of a command in the notebook's toolbar."""
    page.locator(f".jp-NotebookPanel-toolbar [data-command='{command}']").first.click()


def wait_until_idle(page: Page) -> None:
    """Wait until the kernel is connected and idle."""
    page.wait_for_function(_READY)
