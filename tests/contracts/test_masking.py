"""Whatever spelling a secret comes back in, nobody reads it; words stay what they are."""

import base64
import html
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from streamproof.contracts.live import Journal
from streamproof.contracts.masking import Word, redacted, secrets
from streamproof.contracts.report import console
from streamproof.contracts.report.details import details
from streamproof.contracts.report.files import write
from tests.contracts.runs import broken, make_run, outcome

BASIC = "demo client:s3cr3t/p+ss w&rd\"<é>'"
PLAIN = BASIC.partition(":")[2]
HIDDEN = secrets([BASIC])


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "a URL": lambda text: quote(text, safe=""),
    "a URL in lower case": lambda text: "".join(f"%{o:02x}" for o in text.encode()),
    "a URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "a form": quote_plus,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with slashes escaped": lambda text: json.dumps(text)[1:-1].replace("/", r"\/"),
    "JSON, all escaped": lambda text: "".join(f"\\u{ord(c):04X}" for c in text),
    "JSON within JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "HTML": html.escape,
    "HTML in decimal numbers": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "HTML in hexadecimal numbers": lambda text: "".join(f"&#x{ord(c):02X};" for c in text),
    "HTML, some numbers": lambda text: text.replace("/", "&#x2f;").replace('"', "&#34;"),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal in capitals": lambda text: text.encode().hex().upper(),
    "other case": str.swapcase,
    "base64": packed,
    "base64 without padding": lambda text: packed(text).rstrip("="),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 in a URL": lambda text: quote(packed(text), safe=""),
    "base64 of a header": lambda text: packed(f"Basic {text}"),
    "a shell's": lambda text: "".join(f"\\x{octet:02x}" for octet in text.encode()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("secret", [BASIC, PLAIN])
def test_a_secret_is_masked_in_every_spelling(spelling: str, secret: str) -> None:
    echo = SPELLINGS[spelling](secret)
    text = redacted(f"you are {echo}, and welcome", HIDDEN)
    assert echo not in text
    assert "***" in text
    assert text.startswith("you are ")
    assert text.endswith(", and welcome")


@pytest.mark.parametrize("before", ["", '{"u":"', '{"us":"', '{"user":"'])
def test_a_secret_in_the_base64_of_a_text_leaves_little_of_itself(before: str) -> None:
    """Only what its neighbours have a part in, a sign or two, is left."""
    text = redacted(packed(f'{before}{PLAIN}"}}'), HIDDEN)
    assert "***" in text
    left = [base64.b64decode(part + "=" * (-len(part) % 4)) for part in text.split("***")[:1]]
    assert not any(PLAIN[:3].encode() in part for part in left)


def test_a_secret_that_a_message_cuts_off_is_masked() -> None:
    for spelled in (PLAIN, quote(PLAIN, safe=""), packed(BASIC), packed(PLAIN)):
        assert redacted(f"you sent {spelled[:9]}…", HIDDEN) == "you sent ***…"


@pytest.mark.parametrize("value", ["a", "prod", "stream", "datastreams"])
def test_a_header_that_is_a_word_masks_no_words(value: str) -> None:
    hidden = secrets([Word(value)])
    for text in (
        "Failed to establish a new connection to prod of a stream",
        "credentials with which a stream can be created in datastreams: prod-1, a",
        "GET http://stream.example/datastreams?ids=streams",
    ):
        assert redacted(text, hidden) == text
    masked = redacted(f'{{"env": "{value}"}} env={value}', hidden)
    assert (masked == '{"env": "***"} env=***') is (len(value) > 1)


def test_the_value_of_a_header_that_is_no_word_is_masked_anywhere() -> None:
    assert redacted("key k3y-0f-mine.", secrets([Word("k3y-0f-mine")])) == "key ***."


def test_a_short_secret_is_masked_where_it_stands_by_itself() -> None:
    hidden = secrets(["me:abcd"])
    assert redacted('{"token": "abcd"}, abcde, me:abcd', hidden) == '{"token": "***"}, abcde, ***'


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_report_and_no_journal_holds_a_secret_in_any_spelling(
    spelling: str, tmp_path: Path
) -> None:
    echo = SPELLINGS[spelling](BASIC)
    body = json.dumps({"you": echo}).encode()
    finding = broken(outcome(body=body, sent=body), expected=echo, actual=echo)
    run = make_run({"shop/list/ordered": finding}, ended=echo, secrets=HIDDEN)
    texts = [console.summary(run).plain, details(run).plain]
    texts += [file.read_text("utf-8") for file in write(run, tmp_path)]
    journal = Journal("a", files=(tmp_path / "made.jsonl",), hide=lambda t: redacted(t, HIDDEN))
    journal._write({"key": journal.hide(echo)})
    texts.append((tmp_path / "made.jsonl").read_text("utf-8"))
    for text in texts:
        assert redacted(text, HIDDEN) == text
        assert echo not in text
