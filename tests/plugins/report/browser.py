"""Chromium without a window, driven by its own protocol: enough to look at a page, press keys and listen."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_START = 30.0


def chromium() -> str | None:
    """Return the program; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """A page in a tab.

    Parameters
    ----------
    socket : WebSocket
        Speaks with the tab.
    """

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its answer; what else is heard is kept."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            heard = json.loads(self.socket.recv())
            if heard.get("id") == number:
                assert "error" not in heard, f"{method}: {heard['error']}"
                return heard.get("result", {})
            self.events.append(heard)

    def show(self, width: int = 1240, height: int = 900, **media: str) -> None:
        """Set the size of the screen and what the system prefers: ``prefers_color_scheme="dark"``."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 500, screenWidth=width, screenHeight=height,
        )  # fmt: skip
        kind = media.pop("media", "")
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self.ask("Emulation.setEmulatedMedia", media=kind, features=features)

    def open(self, file: Path, *, script: bool = True) -> None:
        """Open a file and wait until it is there."""
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)
        self.events.clear()
        self.ask("Page.navigate", url=file.absolute().as_uri())
        ends = time.monotonic() + _START
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            assert time.monotonic() < ends, "the page never loaded"
            self.events.append(json.loads(self.socket.recv()))

    def js(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        told = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key: ``Tab``, ``ArrowRight``."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36,
                 "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}  # fmt: skip
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key])

    def messages(self) -> list[str]:
        """Return what the console, the log and uncaught errors have said."""
        self.js("0")
        telling = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(event["params"])[:400] for event in self.events if event.get("method") in telling]

    def requests(self) -> list[str]:
        """Return the addresses of all requests."""
        self.js("0")
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def picture(self, file: Path, *, whole: bool = True) -> None:
        """Write a picture of the page."""
        told = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(told["data"]))

    def pdf(self, file: Path) -> int:
        """Print to a file; return how many pages it has."""
        told = self.ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        content = base64.b64decode(told["data"])
        file.write_bytes(content)
        return content.count(b"/Type /Page\n") or content.count(b"/Type /Page ")


@contextmanager
def browser() -> Iterator[Page]:
    """Open a browser with one empty tab."""
    import websocket

    program = chromium()
    assert program is not None, "there is no Chromium"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        command = [
            program, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={own}", "--disable-gpu",
            "--no-first-run", "--disable-extensions", "--disable-background-networking", "--hide-scrollbars",
            "--disable-dev-shm-usage", "--remote-allow-origins=*", "--force-color-profile=srgb", "about:blank",
        ]  # fmt: skip
        if os.geteuid() == 0:
            # Chromium's sandbox does not work for root; the pages are our own files.
            command.insert(1, "--no-sandbox")
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                yield from _connected(Path(own) / "DevToolsActivePort", process, websocket)
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()


def _connected(place: Path, process: subprocess.Popen[bytes], websocket: Any) -> Iterator[Page]:
    from urllib.request import urlopen

    ends = time.monotonic() + _START
    while not (place.is_file() and place.read_text().count("\n")):
        assert process.poll() is None, f"Chromium ended with {process.returncode}"
        assert time.monotonic() < ends, "Chromium did not start"
        time.sleep(0.05)
    port = place.read_text().split("\n")[0]
    with urlopen(f"http://127.0.0.1:{port}/json", timeout=_START) as told:
        tab = next(entry for entry in json.load(told) if entry["type"] == "page")
    socket = websocket.create_connection(tab["webSocketDebuggerUrl"], timeout=_START, suppress_origin=True)
    try:
        yield Page(socket)
    finally:
        socket.close()
