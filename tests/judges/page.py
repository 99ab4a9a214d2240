#!/usr/bin/env python3
"""Opens a fleet page in Chromium as a person would: page.py PAGE [--within MILLISECONDS] [--pictures FOLDER] [--title TITLE]

Every view in light and dark, wide and narrow: nothing on the console, nothing loaded, no element that markup in a name could have made, a name for every
control, unique ids, headings in order, enough contrast (WCAG 2.2, 1.4.3), nothing wider than the window. Then by keyboard: the views, the filter, a base,
a layer. Prints one JSON object: the milliseconds until the page was drawn, the rows and elements of each view, and "faults". Exit status 1 with a fault.
"""

import argparse
import base64
import itertools
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time

# What a page looks like from inside: faults of what is drawn now.
INSPECT = """(() => {
  const faults = [];
  const visible = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const count = (selector) => document.querySelectorAll(selector).length;
  if (count("script") !== 2) faults.push(`${count("script")} scripts`);
  for (const tag of ["img", "iframe", "object", "embed", "link", "form", "svg", "base", "video"]) if (count(tag)) faults.push(`an element ${tag}`);
  const loaded = performance.getEntriesByType("resource");
  if (loaded.length) faults.push(`it loaded ${loaded[0].name}`);
  if (document.documentElement.lang !== "en") faults.push("no language");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => faults.push(`the id ${id} twice`));
  for (const name of ["aria-controls", "aria-labelledby"]) for (const element of document.querySelectorAll(`[${name}]`))
    if (name === "aria-labelledby" && !document.getElementById(element.getAttribute(name))) faults.push(`${name} to nothing`);
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) faults.push(`heading ${heading.tagName} after h${level}`);
    level = next;
  }
  for (const head of document.querySelectorAll("th")) if (!head.scope) faults.push("a head of a table without scope");
  if (document.documentElement.scrollWidth > innerWidth + 1) faults.push(`${document.documentElement.scrollWidth} wide in a window of ${innerWidth}`);
  // What scrolls must be reached by keyboard.
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgb(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  let looked = 0;
  while (walker.nextNode() && looked < 3000) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(element.tagName) || !visible(element)) continue;
    looked += 1;
    const style = getComputedStyle(element);
    const [front, back] = [light(rgb(style.color)), light(behind(element))];
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < least) seen.add(`contrast ${ratio.toFixed(2)} of ${style.color} in ${element.tagName.toLowerCase()}.${element.className}`);
  }
  return { faults: [...faults, ...seen], rows: count("#panel tbody tr"), elements: count("*"), looked };
})()"""


class Browser:
    """Chromium with its protocol on two pipes."""

    def __init__(self, folder: pathlib.Path) -> None:
        (theirs, self.to), (self.of, ours) = os.pipe(), os.pipe()
        options = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --hide-scrollbars --remote-debugging-pipe"
        command = f'exec chromium {options} --user-data-dir="$0" about:blank 3<&{theirs} 4>&{ours} 2>/dev/null'
        self.child = subprocess.Popen(["bash", "-c", command, str(folder)], pass_fds=(theirs, ours), env={**os.environ, "HOME": str(folder)})
        os.close(theirs)
        os.close(ours)
        self.numbers, self.pending, self.events = itertools.count(1), b"", []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_) -> None:
        self.child.kill()
        self.child.wait()

    def message(self, until: float) -> dict:
        while b"\0" not in self.pending:
            if not select.select([self.of], [], [], max(0, until - time.monotonic()))[0]:
                sys.exit("chromium does not answer")
            read = os.read(self.of, 1 << 20)
            if not read:
                sys.exit("chromium ended")
            self.pending += read
        text, self.pending = self.pending.split(b"\0", 1)
        return json.loads(text)

    def ask(self, method: str, **parameters):
        number, until = next(self.numbers), time.monotonic() + 120
        wanted = {"id": number, "method": method, "params": parameters} | ({"sessionId": self.session} if hasattr(self, "session") else {})
        os.write(self.to, json.dumps(wanted).encode() + b"\0")
        while (found := self.message(until)).get("id") != number:
            self.events.append(found)
        if "error" in found:
            sys.exit(f"{method}: {found['error']}")
        return found["result"]

    def run(self, script: str):
        found = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            sys.exit(f"{script[:80]}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        code = {"Tab": 9, "Enter": 13, "ArrowRight": 39, "ArrowLeft": 37, "Home": 36, "End": 35}.get(key, 0)
        common = {"key": key, "windowsVirtualKeyCode": code}
        typed = {"Enter": "\r"}.get(key, text)
        self.ask("Input.dispatchKeyEvent", type="keyDown", **common, **({"text": typed} if typed else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    def drawn(self) -> None:
        """Waits until what a view draws in the next frame is there too."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def open(self, page: pathlib.Path) -> float:
        """Milliseconds until a page is drawn."""
        self.ask("Page.navigate", url="about:blank")
        started = time.monotonic()
        self.ask("Page.navigate", url=page.resolve().as_uri())
        ready = "document.readyState === 'complete' && document.getElementById('panel') !== null"
        while not self.run(ready):
            if time.monotonic() - started > 60:
                sys.exit("\n".join(["the page draws nothing", *said(self)]))
            time.sleep(0.01)
        self.drawn()
        return (time.monotonic() - started) * 1000


def unnamed(browser: Browser) -> list[str]:
    """Controls without a name, as assistive technology sees them."""
    roles = {"button", "tab", "searchbox", "textbox", "link", "combobox", "DisclosureTriangle", "checkbox", "table"}
    nodes = browser.ask("Accessibility.getFullAXTree")["nodes"]
    controls = [node for node in nodes if not node.get("ignored") and node.get("role", {}).get("value") in roles - {"table"}]
    return sorted({f"a {node['role']['value']} without a name" for node in controls if not node.get("name", {}).get("value", "").strip()})


def looked_at(browser: Browser, views: list[str], arguments) -> tuple[dict, list[str]]:
    told, faults = {}, []
    for width, scheme in ((1280, "light"), (1280, "dark"), (420, "light")):
        browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.open(arguments.page)
        for at, view in enumerate(views):
            browser.run(f"document.querySelectorAll('[role=tab]')[{at}].click()")
            browser.drawn()
            found = browser.run(INSPECT)
            where = f"{view}, {scheme}, {width} wide"
            faults += [f"{where}: {fault}" for fault in [*found["faults"], *unnamed(browser)]]
            told.setdefault(view, {"rows": found["rows"], "elements": found["elements"]})
            if arguments.pictures:
                picture = browser.ask("Page.captureScreenshot", format="png")["data"]
                (arguments.pictures / f"{view}-{scheme}-{width}.png").write_bytes(base64.b64decode(picture))
    return told, faults


def by_keyboard(browser: Browser, views: list[str]) -> list[str]:
    """Whether everything is reached without a mouse."""
    faults = []

    def expect(what: str, script: str) -> None:
        if not browser.run(script):
            faults.append(f"by keyboard: {what}")

    focus = "document.activeElement"
    browser.press("Tab")
    expect("the first stop leads to the content", f"{focus}.className === 'skip'")
    browser.press("Tab")
    expect("the second stop is the view", f"{focus}.getAttribute('aria-selected') === 'true'")
    browser.press("End")
    expect("End goes to the last view", f"{focus} === [...document.querySelectorAll('[role=tab]')].at(-1) && {focus}.ariaSelected === 'true'")
    browser.press("Home")
    for view in views[1:]:
        browser.press("ArrowRight")
        browser.drawn()
        expect(f"an arrow goes to {view}", f"{focus}.textContent.toLowerCase() === '{view}' && {focus}.ariaSelected === 'true'")
        expect(f"{view} is labelled by its tab", "document.getElementById('panel').getAttribute('aria-labelledby') === document.activeElement.id")
        if view == "bases":
            browser.run("document.querySelector('.tree button')?.focus()")
            browser.press("Enter")
            expect("Enter chooses a base", f"{focus}.ariaPressed === 'true' && document.querySelector('[aria-live] h3') !== null")
        if view == "sizes":
            browser.run("document.querySelector('.map button')?.focus()")
            browser.press("Enter")
            expect("Enter chooses a layer", f"{focus}.ariaPressed === 'true' && document.querySelector('[aria-live] h3') !== null")
        browser.run(f"document.querySelectorAll('[role=tab]')[{views.index(view)}].focus()")
    browser.press("/", "/")
    expect("a slash goes to the filter", f"{focus}.type === 'search' && {focus}.value === ''")
    browser.ask("Input.insertText", text="nothing-is-called-so")
    expect("the filter keeps nothing", "document.querySelectorAll('#panel tbody tr').length === 0 && document.querySelector('[role=status]').textContent.startsWith('0 of')")
    return faults


def said(browser: Browser) -> list[str]:
    """What the page said on the console, threw or asked."""
    faults = []
    for event in browser.events:
        method, parameters = event.get("method", ""), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            faults.append(f"an exception: {json.dumps(parameters)[:300]}")
        elif method in ("Runtime.consoleAPICalled", "Log.entryAdded"):
            faults.append(f"on the console: {json.dumps(parameters)[:300]}")
        elif method == "Page.javascriptDialogOpening":
            faults.append(f"a dialog: {parameters.get('message')}")
        elif method == "Network.requestWillBeSent" and not parameters["request"]["url"].startswith("file:"):
            faults.append(f"a request: {parameters['request']['url']}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--within", type=float, default=2000)
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--title", help="the title that the page keeps")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Browser(pathlib.Path(folder)) as browser:
        for domain in ("Runtime", "Log", "Page", "Network", "Accessibility"):
            browser.ask(f"{domain}.enable")
        # The first start of a browser has its own work; of a busy machine the best of a few counts.
        browser.open(arguments.page)
        milliseconds = min(itertools.accumulate((browser.open(arguments.page) for _ in range(3)), min))
        views = [view.lower() for view in browser.run("[...document.querySelectorAll('[role=tab]')].map((tab) => tab.textContent)")]
        told, faults = looked_at(browser, views, arguments)
        browser.ask("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
        browser.open(arguments.page)
        faults += by_keyboard(browser, views)
        title = browser.run("document.title")
        if arguments.title is not None and title != arguments.title:
            faults.append(f"the title became {title!r}")
        faults += said(browser)
    if milliseconds > arguments.within:
        faults.append(f"it took {milliseconds:.0f} ms to open")
    print(json.dumps({"milliseconds": round(milliseconds), "views": told, "faults": faults}, indent=2))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
