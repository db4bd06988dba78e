"""The page at `/_mock/`, in a browser; and that nothing runs that somebody stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import RunningMock, serve_in_thread
from tests.page.browser import Browser, browser

AUTH = ("demo-client", "demo-secret")
TOKEN = "a-token-of-mine"
HOSTILE = "</pre><script>document.title='broken'</script><img src=x onerror=\"document.title='b'\">"
_PATIENCE_S = 20


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[RunningMock]:
    with serve_in_thread(MockConfig()) as server:
        yield server


def create(url: str, stream_id: str, **more: Any) -> int:
    streams = f"{url}/v1/demo/datastreams"
    return requests.post(streams, json={"id": stream_id, **more}, auth=AUTH).status_code


def seen(look: Callable[[], Any]) -> Any:
    """What a look gives once it gives anything."""
    for _ in range(_PATIENCE_S * 20):
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("never seen")


def text(page: Browser, element: str) -> str:
    return str(page.run(f"return document.getElementById('{element}').textContent"))


def click(page: Browser, element: str) -> None:
    page.driver.find_element(By.ID, element).click()


def show(page: Browser, url: str, width: int = 1280) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.driver.get(f"{url}/_mock/")


def test_it_shows_what_arrives_and_the_rule_that_was_broken(
    chromium: Browser, server: RunningMock
) -> None:
    show(chromium, server.url)
    create(server.url, "a")
    create(server.url, "a")

    seen(lambda: "dotide/create/unique-id" in text(chromium, "journal"))
    assert chromium.run("return document.getElementById('journal').children.length") == 2
    click(chromium, "rejected")
    shown = "return [...document.getElementById('journal').children].filter(e => !e.hidden).length"
    assert chromium.run(shown) == 1
    click(chromium, "forget")
    seen(lambda: text(chromium, "journal") == "")
    assert requests.get(f"{server.url}/_mock/journal").json() == []


def test_faults_are_switched_by_keyboard_and_click(chromium: Browser, server: RunningMock) -> None:
    show(chromium, server.url)
    seen(lambda: chromium.run("return !document.getElementById('open').hidden"))

    chromium.driver.find_element(By.ID, "fault").send_keys("503:operation=create\n")
    seen(lambda: "503:operation=create" in text(chromium, "faults"))
    assert create(server.url, "a") == 503
    chromium.driver.find_element(By.ID, "fault").send_keys("latencies\n")
    seen(lambda: "did you mean latency?" in text(chromium, "told"))
    chromium.driver.find_element(By.CSS_SELECTOR, "#faults button").click()
    seen(lambda: text(chromium, "faults") == "")
    assert create(server.url, "a") == 201


def test_what_is_stored_stays_text(chromium: Browser, server: RunningMock) -> None:
    create(server.url, HOSTILE, name=HOSTILE)
    create(server.url, HOSTILE)
    requests.get(f"{server.url}/v1/demo/datastreams/{HOSTILE}", params={"q": HOSTILE}, auth=AUTH)
    assert chromium.complaints is not None  # those of other tests are read, and gone
    show(chromium, server.url)

    seen(lambda: HOSTILE in text(chromium, "journal"))
    seen(lambda: "</script>" in text(chromium, "state"))
    assert chromium.driver.title == "streamproof mock"
    assert chromium.run("return document.querySelectorAll('main script, main img').length") == 0
    assert chromium.complaints == []


def test_a_space_has_a_page_and_the_start_is_a_click_away(
    chromium: Browser, server: RunningMock
) -> None:
    create(server.url, "elsewhere")
    create(server.space("one"), "here")
    show(chromium, server.space("one"))

    seen(lambda: "here" in text(chromium, "state"))
    assert "elsewhere" not in text(chromium, "state")
    click(chromium, "reset")
    seen(lambda: "here" not in text(chromium, "state"))


def test_behind_a_token_it_asks_for_it(chromium: Browser) -> None:
    with serve_in_thread(MockConfig(apis=("dotide",), control_token=TOKEN)) as server:
        show(chromium, server.url)
        seen(lambda: chromium.run("return !document.getElementById('unlock').hidden"))
        assert chromium.run("return document.getElementById('open').hidden")

        chromium.driver.find_element(By.ID, "token").send_keys(f"{TOKEN}\n")

        seen(lambda: "duplicate_id_status" in text(chromium, "dialect"))
        assert chromium.driver.get_cookies() == []


def test_it_speaks_chinese_and_fits_a_phone(chromium: Browser, server: RunningMock) -> None:
    show(chromium, server.url, width=390)
    seen(lambda: chromium.run("return !document.getElementById('open').hidden"))

    click(chromium, "language")

    assert "收到了什么" in str(chromium.run("return document.body.textContent"))
    wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not chromium.run(wide)


CALLS = {
    "dotide": ("create", '{"id": "tried"}', 201, None),
    "bge": ("bind", None, 200, "bge/bind/unknown-rejected"),  # signed well, of a sample of no name
}


@pytest.mark.parametrize("api", CALLS)
def test_a_call_of_the_reference_is_tried_with_the_mocks_own_credentials(
    chromium: Browser, server: RunningMock, api: str
) -> None:
    operation, body, status, rule = CALLS[api]
    show(chromium, server.url)
    seen(lambda: chromium.run("return document.querySelectorAll('#documents button').length") == 2)
    assert chromium.complaints is not None

    press(chromium, f"//li[a='{api}.yaml']/button")
    press(chromium, f"//*[contains(@id, '-{operation}')]//button[@class='opblock-summary-control']")
    if body is not None:
        area = "//*[@id='reference']//textarea"
        field = seen(lambda: chromium.driver.find_elements(By.XPATH, area))[0]
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(body)
    entry = seen(lambda: executed(chromium, server.url))
    assert (entry["operation"], entry["status"], entry["rule"]) == (operation, status, rule)


def executed(page: Browser, url: str) -> Any:
    """The first call that arrived, once one did: a form that still builds itself sends none."""
    press(page, "//button[contains(@class, 'execute')]")
    return next(iter(requests.get(f"{url}/_mock/journal").json()), None)


def press(page: Browser, path: str) -> None:
    button = seen(lambda: page.driver.find_elements(By.XPATH, path))[0]
    page.driver.execute_script(
        "arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", button
    )


def test_credentials_are_put_to_a_call_of_an_api_that_is_served(server: RunningMock) -> None:
    asked = f"{server.url}/_mock/authorize"

    assert requests.post(f"{asked}/dotide", json={}).json().keys() == {"headers"}
    form = requests.post(f"{asked}/bge", json={"biosample_id": "E-B1"}).json()["form"]
    assert form.keys() == {"biosample_id", "app_key", "sign", "signature_nonce", "timestamp"}
    assert requests.post(f"{asked}/bge", data=b"[]").status_code == 400
    assert requests.post(f"{asked}/fieldpost", json={}).status_code == 404
    assert requests.get(f"{server.url}/_mock/reference/index.html").status_code == 404


def test_its_files_are_fenced_in(server: RunningMock) -> None:
    page = requests.get(f"{server.url}/_mock/")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert requests.get(f"{server.url}/_mock/nothing.js").status_code == 404
    assert set(requests.get(f"{server.url}/_mock/dialect").json()) == {"bge", "dotide"}
