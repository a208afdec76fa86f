"""The house: imports go one way, files stay small, code holds no content (design.md 3, style.md 1)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "voice").rglob("*.py")])

# Each package may import itself and these. `cli`, `assemble` and `settings` know everybody.
MAY_IMPORT = {
    "bot.knowledge": set(),
    "bot.search": {"bot.knowledge"},
    "bot.dialogue": {"bot.knowledge", "bot.search"},
    "bot.database": set(),
    "bot.analytics": {"bot.database", "bot.dialogue.events"},
    "bot.staff": {"bot.database"},
    "bot.report": {"bot.analytics", "bot.dialogue.office_hours", "bot.knowledge"},
    "bot.tuning": {"bot.analytics", "bot.dialogue.events", "bot.knowledge", "bot.search"},
    "bot.web": {"bot.knowledge", "bot.search", "bot.dialogue", "bot.settings"},
    "bot.console": {
        "bot.analytics",
        "bot.database",
        "bot.dialogue",
        "bot.knowledge",
        "bot.report",
        "bot.search",
        "bot.staff",
        "bot.tuning",
    },
    "bot.demo": {"bot.dialogue", "bot.knowledge"},
    "voice": {"bot.knowledge", "bot.dialogue", "voice"},
    "voice.flow": {"bot.knowledge", "bot.dialogue", "voice.calendar"},
    "voice.speech": {"bot.knowledge", "voice.g711"},
    "voice.media": {"voice.g711"},
    "voice.sip": {"voice.media", "voice.g711"},  # knows nothing of this product
}


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{name.name}" for name in node.names}
            found |= names if node.module in {"bot", "voice"} else {node.module}
    return {name for name in found if name.split(".")[0] in {"bot", "voice"}}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_go_one_way(package: str) -> None:
    allowed = {package, *MAY_IMPORT[package]}
    for file in (ROOT / package.replace(".", "/")).rglob("*.py"):
        for name in imports(file):
            assert any(name == a or name.startswith(f"{a}.") for a in allowed), f"{file} imports {name}"


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_and_functions_stay_small(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert source.count("\n") <= 300, "split it: is it one thing?"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 80, f"{node.name} has {length} lines"


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_public_functions_say_what_they_do(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_every_setting_is_documented() -> None:
    from bot.settings import Settings

    manual = (ROOT / "docs" / "運用手順書.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"MADOGUCHI_{name.upper()}" in manual


def test_every_finding_is_explained_to_editors() -> None:
    from bot.knowledge.findings import CATALOGUE

    guide = (ROOT / "docs" / "編集者の手引き.md").read_text(encoding="utf-8")
    for code in CATALOGUE:
        assert code in guide


def test_links_between_documents_lead_somewhere() -> None:
    for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name} links to {target}"
