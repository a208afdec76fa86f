"""JSON Schema files for editors' YAML plug-ins: `python -m bot.knowledge.schema DIR` (a test keeps them current)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import TypeAdapter

from bot.knowledge.models import Entry, Question, Topic

DESCRIPTIONS = {
    "id": "ファイル名と同じ。半角の小文字・数字・ハイフン。公開したあとは変えない",
    "topic": "話題。topics.yaml の id。フォルダー名と同じ",
    "category": "対応分類（13のどれか）",
    "question": "住民が尋ねる文",
    "answer": "答え。400文字まで。結論を最初の文に書く",
    "voice": "電話で読む文。200文字まで。かっこ・URLは使えない",
    "links": "続きを読むページ",
    "related": "次に知りたくなるFAQのid",
    "owner": "担当",
    "source": "根拠",
    "certainty": "確かさ。県・公・未。未には数字や日付を書けない",
    "valid": "公開する期間（from と until を含む）",
    "reviewed": "担当が確認した日。まだなら null",
}


def schemas() -> dict[str, dict[str, object]]:
    """File name → schema."""
    entry = Entry.model_json_schema(by_alias=True)
    for name, text in DESCRIPTIONS.items():
        entry["properties"][name]["description"] = text
    return {
        "entry.schema.json": entry,
        "topics.schema.json": TypeAdapter(list[Topic]).json_schema(),
        "questions.schema.json": TypeAdapter(list[Question]).json_schema(),
    }


def write(directory: Path) -> None:
    """Write every schema below `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        text = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        (directory / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
