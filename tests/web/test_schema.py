"""What a machine thinks of sending: schemathesis at the public API, anything at all at the pages of the console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.schemas import OpenApiSchema
from served import ROOT, Server
from staffed import House, Visitor, house

from bot.database.opening import open_database, prepare
from bot.dialogue.published import Published

pytestmark = pytest.mark.slow

BOUNDED = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def api(server: Server) -> OpenApiSchema:
    """What the running server says of itself."""
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    checks = schema.config.checks
    checks.positive_data_acceptance.expected_statuses = ["2xx", "404", "422"]  # a well-formed entry may not exist
    checks.negative_data_rejection.expected_statuses = ["404", "405", "413", "422"]
    return schema


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_as_the_api_says(api: OpenApiSchema, mode: GenerationMode) -> None:
    """No error of the server; the status, the type and the shape are among those that the document names."""
    asked: list[str] = []
    for found in api.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not (operation.body or [*operation.iter_parameters()]):
            continue  # nothing is sent, so nothing can be wrong

        @BOUNDED
        @given(operation.as_strategy(generation_mode=mode))
        def call(case: Case) -> None:
            case.call_and_validate()
            asked.append(case.path)

        call()
    assert len(asked) > 100


def test_the_public_document_holds_the_public_doors_only(api: OpenApiSchema) -> None:
    paths = set(api.raw_schema["paths"])
    assert {"/api/v1/conversations", "/webhooks/rest/webhook", "/healthz", "/readyz", "/metrics"} <= paths
    assert not any(path.startswith(("/console", "/phone", "/twiml")) for path in paths)


# -- the console -------------------------------------------------------------------------------------------------------
FORMS = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot/console/templates").glob("*.html"))
FIELDS = sorted({*re.findall(r'\bname="(\w+)"', FORMS), "next", "before", "cursor", "v"} - {"csrf"})
WORDS = [
    "",
    "0",
    "-1",
    "9" * 30,
    "1e9",
    "2026-10",
    "2026-13",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "slip-lost",
    "en",
]
TEXT = st.sampled_from(WORDS) | st.text(max_size=60)
QUERY = st.dictionaries(st.sampled_from(FIELDS), TEXT, max_size=5)


@pytest.fixture(scope="module")
def office(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("office")
    engine = open_database(f"sqlite:///{data}/m.sqlite")
    prepare(engine)
    with house(published, engine, data) as made:
        yield made
    engine.dispose()


def _pages(office: House, method: str) -> list[str]:
    routes = [route for route in office.router.routes if isinstance(route, APIRoute)]
    return sorted({route.path for route in routes if method in (route.methods or ())} - {"/console/sign-out"})


def _filled(path: str, part: str) -> str:
    """The address with something in each place: no slash, or it would be another page."""
    return re.sub(r"\{[^}]+\}", lambda _: quote(part.replace("/", "／"), safe="") or "x", path)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_breaks_a_page_of_the_console(office: House, method: str) -> None:
    paths = _pages(office, method)
    assert len(paths) > (15 if method == "GET" else 8)
    admin = office.member("admin")

    @settings(BOUNDED, max_examples=150 if method == "GET" else 60)
    @given(st.sampled_from(paths), TEXT, QUERY)
    def page(path: str, part: str, fields: dict[str, str]) -> None:
        _look(admin, method, _filled(path, part), fields)

    page()
    assert admin.get("/console/staff").status_code == 200  # still signed in: it looked at the pages, not at a refusal


def _look(admin: Visitor, method: str, path: str, fields: dict[str, str]) -> None:
    if method == "GET":
        answer = admin.http.get(path, params=fields)
    else:
        answer = admin.http.post(path, data={"csrf": admin.csrf, **fields})
    assert answer.status_code < 500, (path, fields, answer.text)
    assert "Traceback" not in answer.text
