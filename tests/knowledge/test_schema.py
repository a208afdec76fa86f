"""The schema files that editors' programs read are those of the models."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.knowledge.models import Category, Entry, Topic
from bot.knowledge.schema import DESCRIPTIONS, schemas, write

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "faq" / ".schema"


def test_shipped_schemas_are_current(tmp_path: Path) -> None:
    write(tmp_path / "new")
    made = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "new").iterdir()}
    assert made == {file.name: file.read_text(encoding="utf-8") for file in SHIPPED.iterdir()}, "run `make schemas`"


def test_command_writes_the_schemas(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "bot.knowledge.schema", str(tmp_path)], cwd=ROOT, check=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(schemas())


def test_every_key_of_an_entry_is_described() -> None:
    properties = schemas()["entry.schema.json"]["properties"]
    assert set(properties) == set(DESCRIPTIONS) == set(Entry.model_fields)
    assert all(key["description"] for key in properties.values())


def test_schema_says_what_the_loader_asks_for() -> None:
    entry = schemas()["entry.schema.json"]
    needed = ["id", "topic", "category", "question", "answer", "owner", "source", "certainty"]
    assert sorted(entry["required"]) == sorted(needed)
    assert entry["additionalProperties"] is False
    assert entry["properties"]["category"]["enum"] == list(Category.__args__)
    assert len(Category.__args__) == 13
    assert set(entry["$defs"]["Validity"]["properties"]) == {"from", "until"}
    topics = schemas()["topics.schema.json"]
    assert (topics["type"], set(topics["$defs"]["Topic"]["properties"])) == ("array", set(Topic.model_fields))


@pytest.mark.parametrize("name", sorted(schemas()))
def test_visual_studio_code_is_told_of_the_schema(name: str) -> None:
    settings = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    (pattern,) = [p for schema, p in settings["yaml.schemas"].items() if schema.endswith(name)]
    patterns = [pattern] if isinstance(pattern, str) else pattern
    assert any(any(ROOT.glob(found)) for found in patterns)
