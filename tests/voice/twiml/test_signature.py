"""X-Twilio-Signature: the published sample, and agreement with both official libraries."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from voice.twiml.signature import is_signed, signature

HERE = Path(__file__).parent
# The sample of the cloud's own documentation.
SAMPLE_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
SAMPLE = {
    "CallSid": ["CA1234567890ABCDE"], "Digits": ["1234"], "From": ["+14158675309"], "To": ["+18005551212"],
    "Caller": ["+14158675309"],
}  # fmt: skip
WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def test_the_published_sample_has_its_published_signature() -> None:
    assert signature("12345", SAMPLE_URL, SAMPLE) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert is_signed("12345", SAMPLE_URL, SAMPLE, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


@given(st.dictionaries(WORD, WORD, max_size=6), st.sampled_from(["", "?s=a%2Bb", "?a=1&a=2"]))
@settings(max_examples=100, deadline=None)
def test_the_official_library_agrees_for_any_fields(fields: dict[str, str], query: str) -> None:
    url = f"https://ivr.example.jp:8443/prefix/twiml/next{query}"
    official = RequestValidator("秘密 token")
    ours = signature("秘密 token", url, {name: [value] for name, value in fields.items()})
    assert ours == official.compute_signature(url, fields)
    assert official.validate(url, fields, ours)


@pytest.mark.parametrize("signed", ["https://a.jp/x", "https://a.jp:443/x"])
@pytest.mark.parametrize("configured", ["https://a.jp/x", "https://a.jp:443/x"])
def test_the_port_may_be_signed_or_not(signed: str, configured: str) -> None:
    assert is_signed("t", configured, {"A": ["1"]}, signature("t", signed, {"A": ["1"]}))


@pytest.mark.parametrize(
    "wrong", ["", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "ＲＳＯ", signature("other", SAMPLE_URL, SAMPLE)]
)
def test_any_other_signature_is_refused(wrong: str) -> None:
    assert not is_signed("12345", SAMPLE_URL, SAMPLE, wrong)


def test_a_changed_field_address_or_query_is_refused() -> None:
    good = signature("12345", SAMPLE_URL, SAMPLE)
    assert not is_signed("12345", SAMPLE_URL, SAMPLE | {"Digits": ["1235"]}, good)
    assert not is_signed("12345", SAMPLE_URL + "&x=1", SAMPLE, good)
    assert not is_signed("12345", SAMPLE_URL.replace("https", "http"), SAMPLE, good)


def test_an_empty_token_signs_nothing() -> None:
    assert not is_signed("", SAMPLE_URL, SAMPLE, signature("", SAMPLE_URL, SAMPLE))


@pytest.mark.slow
def test_the_official_library_for_javascript_agrees() -> None:
    if not (HERE / "node_modules/twilio").is_dir() or not shutil.which("node"):
        pytest.fail("the npm package twilio is missing. Install it: npm ci --prefix tests/voice/twiml", pytrace=False)
    fields = {"CallSid": "CA1", "Digits": "#", "Name": "埼玉 +&=", "Empty": ""}
    url = "https://ivr.example.jp/twiml/next?s=abc-_%20"
    ours = signature("秘密", url, {name: [value] for name, value in fields.items()})
    program = """const { validateRequest } = require("twilio");
      const [token, url, fields, ours] = JSON.parse(process.argv[1]);
      console.log(validateRequest(token, ours, url, fields), validateRequest(token + "x", ours, url, fields))"""
    said = subprocess.run(
        ["node", "-e", program, json.dumps(["秘密", url, fields, ours])],
        cwd=HERE, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert said.stdout.split() == ["true", "false"]
