"""A real browser for the page: Debian's chromium with its driver (apt install chromium-driver)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

_MISSING = (
    "the tests of report.html need chromium and its driver, and none is skipped: "
    "apt install chromium chromium-driver"
)


@dataclass(frozen=True, slots=True)
class Browser:
    driver: Chrome

    def open(self, file: Path, width: int = 1280, dark: bool = False, fragment: str = "") -> None:
        """Show a file in a window of that width, anew."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.driver.get("about:blank")
        self.driver.get(file.as_uri() + fragment)

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    @property
    def complaints(self) -> list[str]:
        """What the browser found wrong: errors of scripts, breaches of the policy."""
        entries: list[Any] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries]


@contextmanager
def browser() -> Iterator[Browser]:
    """Where there is none, tests fail."""
    program, service = shutil.which("chromium"), shutil.which("chromedriver")
    assert program, _MISSING
    assert service, _MISSING
    options = ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=ChromeService(service))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
