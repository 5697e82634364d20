"""A real Chromium for the tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from readycheck.outputs.html import Edition
from tests.outputs.html.pages import page_of

WIDE, PHONE = (1360, 900), (390, 844)

Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: `make tools-browser` installs it")
    with sync_playwright() as playwright:
        # As root, as in containers, Chromium's own sandbox refuses to start.
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


def _beyond_the_file(address: str) -> list[str]:
    return [] if address.startswith(("file:", "blob:")) else [address]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """A function that opens the page of some editions; nothing may go wrong in it or leave the machine."""
    troubles: list[str] = []
    contexts = []

    def opener(
        *editions: Edition,
        at: str = "",
        size: tuple[int, int] = WIDE,
        scheme: str = "light",
        scripts: bool = True,
        codeowners: str = "",
    ) -> Page:
        file = tmp_path / "report.html"
        file.write_text(page_of(*editions, codeowners=codeowners), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda asked: troubles.extend(_beyond_the_file(asked.url)))
        page.goto(f"file://{file}{at}")
        if scripts:
            page.wait_for_selector("html[data-ready]")
        return page

    yield opener
    for context in contexts:
        context.close()
    assert troubles == []
