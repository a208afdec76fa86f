"""Training data in Rasa 3.1 NLU YAML (rasa.md 5.3): intents with examples, responses, synonyms, lookup tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.knowledge.findings import Finding, finding
from bot.knowledge.yaml_text import Document, Text


@dataclass(frozen=True)
class Example:
    """One line of an `examples: |` block and where it stands."""

    text: str
    path: str
    line: int


@dataclass
class TrainingData:
    """Everything read from `nlu_data/`: keys are the full names (`faq/slip-lost`)."""

    intents: dict[str, list[Example]] = field(default_factory=dict)
    responses: dict[str, list[str]] = field(default_factory=dict)
    synonyms: dict[str, list[Example]] = field(default_factory=dict)
    lookups: dict[str, list[Example]] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)

    def texts(self, name: str) -> tuple[str, ...]:
        """The words of the lookup table `name`."""
        return tuple(example.text for example in self.lookups.get(name, ()))


def add(document: Document, into: TrainingData) -> list[Finding]:
    """Add one file to `into`; what could not be used is told."""
    findings: list[Finding] = []
    data = document.data
    if not isinstance(data, dict):
        return [finding("FAQ008", document.path, 1, key=document.path, expected="「version」と「nlu」")]
    items = data.get("nlu", [])
    if not isinstance(items, list):
        findings.append(
            finding("FAQ008", document.path, document.line("nlu"), key="nlu", expected="「- 」で始まる一覧")
        )
        items = []
    for number, item in enumerate(items):
        line = document.line("nlu", number)
        kind = next((k for k in ("intent", "synonym", "lookup") if isinstance(item, dict) and k in item), None)
        if isinstance(item, dict) and kind and isinstance(item.get("examples", ""), list | dict):
            line = document.line("nlu", number, "examples")
            findings.append(
                finding("FAQ008", document.path, line, key="examples", expected="「|」のあとに「- 」で始まる行")
            )
            continue
        if kind is None or not isinstance(item, dict) or "examples" not in item:
            findings.append(finding("FAQ001", document.path, line, key="examples" if kind else "intent"))
            continue
        name = str(item[kind])
        examples = list(_examples(document, number, str(item["examples"]), findings))
        if kind != "intent":
            (into.synonyms if kind == "synonym" else into.lookups).setdefault(name, []).extend(examples)
        elif name in into.places:
            other = "{}:{}".format(*into.places[name])
            findings.append(finding("NLU009", document.path, line, intent=name, other=other))
        else:
            into.intents[name] = examples
            into.places[name] = (document.path, line)
    findings += _add_responses(document, into)
    return findings


def _examples(document: Document, number: int, block: str, findings: list[Finding]) -> Iterator[Example]:
    start = document.line("nlu", number, "examples")
    for offset, row in enumerate(block.split("\n"), 1):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        text = row.strip().removeprefix("-").strip()
        if not row.strip().startswith("- ") or not text:
            findings.append(finding("NLU005", document.path, start + offset, text=row.strip()[:30]))
            continue
        yield Example(text, document.path, start + offset)


def _add_responses(document: Document, into: TrainingData) -> list[Finding]:
    data = document.data
    responses = data.get("responses", {}) if isinstance(data, dict) else {}
    if not isinstance(responses, dict):
        line = document.line("responses")
        return [finding("FAQ008", document.path, line, key="responses", expected="「utter_…:」の組")]
    for name, variants in responses.items():
        rows = variants if isinstance(variants, list) else []
        into.responses[name] = [text for row in rows if (text := _reply(row))]
    return []


def _reply(row: Text) -> str:
    text = row.get("text") if isinstance(row, dict) else None
    return text.strip() if isinstance(text, str) else ""
