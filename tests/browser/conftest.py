"""Fixtures for tests in a browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import PATIENCE_MS, Lab
from playwright.sync_api import Browser, Page, sync_playwright
from toolchains import needs

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

_outcome = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Let the page's fixture know how its test ended."""
    report = yield
    if report.when == "call":
        item.stash[_outcome] = report.outcome
    return report


# Not for the whole session: playwright keeps an event loop running in the thread, in which no
# other test can run one.
@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = needs("chromium", "chromium")
    environment = {**os.environ, "HOME": str(tmp_path_factory.mktemp("chromium"))}
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(chromium), headless=True, args=_FLAGS, env=environment
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab server; where there is no browser, none is started."""
    started = Lab(tmp_path_factory.mktemp("lab"))
    yield started
    started.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """An empty page. When the test fails, its picture is kept."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    if request.node.stash.get(_outcome, "failed") == "failed":
        picture = tmp_path / "failure.png"
        opened.screenshot(path=picture)
        sys.stderr.write(f"\nThe page as it was when the test failed: {picture}\n")
    opened.close()
