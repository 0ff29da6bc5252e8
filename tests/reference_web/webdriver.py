"""Chromium through the W3C WebDriver protocol, as little of it as the tests of the pages need."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

TAB, ENTER = "\ue004", "\ue007"
"""Keys by the code points that WebDriver gives them (section Keyboard Actions)."""

CAPABILITIES = {
    "browserName": "chrome",
    "goog:loggingPrefs": {"browser": "ALL"},
    "goog:chromeOptions": {
        "args": [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
        ]
    },
}

WAIT = """
const [expression] = arguments;
const look = new Function(`return (${expression})`);
return new Promise((resolve, reject) => {
  const check = () => {
    const value = look();
    if (value) { observer.disconnect(); clearTimeout(limit); resolve(value); }
  };
  const observer = new MutationObserver(check);
  const limit = setTimeout(() => { observer.disconnect(); reject(new Error(`never true: ${expression}`)); }, 15000);
  observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  check();
});
"""


class Browser:
    """One session of a browser; `driver` is the address of a running chromedriver."""

    def __init__(self, driver: str) -> None:
        self._driver = driver
        value = self._send("POST", "/session", {"capabilities": {"alwaysMatch": CAPABILITIES}})
        self._session = f"/session/{value['sessionId']}"

    def _send(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._driver + path, data, method=method)  # noqa: S310 - a loopback address
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as response:
            return json.load(response)["value"]

    def post(self, path: str, **body: object) -> Any:
        """Send a command of this session and return its value."""
        return self._send("POST", self._session + path, body)

    def get(self, path: str) -> Any:
        """Ask this session for a value."""
        return self._send("GET", self._session + path)

    def open(self, url: str) -> None:
        """Load a page."""
        self.post("/url", url=url)

    def run(self, script: str, *args: object) -> Any:
        """Run the body of a function in the page; a promise is awaited."""
        return self.post("/execute/sync", script=script, args=args)

    def wait(self, expression: str) -> Any:
        """The value of an expression as soon as it is true; it is looked at again after every change of the page."""
        return self.run(WAIT, expression)

    def find(self, selector: str) -> str:
        """The path of the first element that matches."""
        (reference,) = self.post("/element", using="css selector", value=selector).values()
        return f"/element/{reference}"

    def click(self, selector: str) -> None:
        """Click as a person does: scroll there, move the pointer, press."""
        self.post(f"{self.find(selector)}/click")

    def type(self, selector: str, text: str) -> None:
        """Press the keys of a text."""
        self.post(f"{self.find(selector)}/value", text=text)

    def press(self, key: str) -> None:
        """Press and release one key, wherever the focus is."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.post("/actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def text(self, selector: str = "main") -> str:
        """The text of an element as it is shown."""
        return str(self.get(f"{self.find(selector)}/text"))

    def viewport(self, width: int, height: int = 844) -> None:
        """Give the page this many CSS pixels; chromium's own window cannot be as narrow as a phone."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.cdp("Emulation.setDeviceMetricsOverride", **metrics)

    def cdp(self, command: str, **params: object) -> Any:
        """Send a command of the Chrome DevTools protocol."""
        return self.post("/goog/cdp/execute", cmd=command, params=params)

    def console(self) -> list[str]:
        """What was written to the console since the last call."""
        return [entry["message"] for entry in self.post("/se/log", type="browser")]

    def close(self) -> None:
        """End the session and its browser."""
        self._send("DELETE", self._session)
