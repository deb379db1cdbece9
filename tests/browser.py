"""A real browser for tests: headless Chromium, driven by chromedriver over the WebDriver protocol."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
SWITCHES = (
    "headless",
    "no-sandbox",
    "disable-gpu",
    "disable-quic",
    "disable-dev-shm-usage",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "hide-scrollbars",
    "force-prefers-reduced-motion",
)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Browser:
    """A window of a browser; an element is named by the id that :meth:`find` returned."""

    def __init__(self, session: str) -> None:
        self._session = session

    def call(self, path: str, content: dict[str, Any] | None = None) -> Any:
        return _request(f"{self._session}/{path}", content)

    def open(self, url: str) -> None:
        self.call("url", {"url": url})

    def find(self, selector: str) -> list[str]:
        elements = self.call("elements", {"using": "css selector", "value": selector})
        return [element[ELEMENT] for element in elements]

    def click(self, element: str) -> None:
        self.call(f"element/{element}/click", {})

    def type(self, element: str, text: str) -> None:
        self.call(f"element/{element}/value", {"text": text})

    def text(self, element: str) -> str:
        return str(self.call(f"element/{element}/text"))

    def run(self, script: str) -> Any:
        return self.call("execute/sync", {"script": script, "args": []})

    def complaints(self) -> list[str]:
        """The messages in the page's console: errors of scripts, and what the content policy blocked."""
        return [entry["message"] for entry in self.call("se/log", {"type": "browser"})]

    def resize(self, width: int, height: int, dark: bool = False) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._command("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._command("Emulation.setEmulatedMedia", {"features": [scheme]})

    def screenshot(self, target: Path) -> bytes:
        image = base64.b64decode(self.call("screenshot"))
        target.write_bytes(image)
        return image

    def _command(self, name: str, parameters: dict[str, Any]) -> None:
        self.call("goog/cdp/execute", {"cmd": name, "params": parameters})


@contextmanager
def open_browser(profile: Path) -> Iterator[Browser]:
    """Start a driver and a window with a new profile; both are closed at the end of the block."""
    assert CHROMIUM
    assert DRIVER
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([DRIVER, f"--port={port}", "--silent"], stdout=subprocess.DEVNULL) as driver:
        try:
            server = f"http://127.0.0.1:{port}"
            _wait(server)
            arguments = [f"--{name}" for name in SWITCHES] + [f"--user-data-dir={profile}"]
            capabilities = {
                "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments},
                "goog:loggingPrefs": {"browser": "ALL"},
            }
            started = _request(f"{server}/session", {"capabilities": {"alwaysMatch": capabilities}})
            session = f"{server}/session/{started['sessionId']}"
            try:
                yield Browser(session)
            finally:
                _DIRECT.open(urllib.request.Request(session, method="DELETE"), timeout=30).close()
        finally:
            driver.terminate()


def _wait(server: str) -> None:
    for _ in range(100):
        try:
            if _request(f"{server}/status")["ready"]:
                return
        except urllib.error.URLError:
            pass
        time.sleep(0.1)
    raise TimeoutError("chromedriver does not answer")


def _request(url: str, content: dict[str, Any] | None = None) -> Any:
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with _DIRECT.open(request, timeout=60) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read().decode()) from error
