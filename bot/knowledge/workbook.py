"""Entries and phrasings as an Excel workbook or CSV, and back without loss (design.md 4.5 `import`, `export`)."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from bot.knowledge.models import MAX_ID, SLUG, Category, Certainty, Entry, Knowledge

COLUMNS = (
    "id", "topic", "category", "question", "answer", "voice", "phrasings", "links", "related", "owner", "source",
    "certainty", "valid_from", "valid_until", "reviewed",
)  # fmt: skip
TOPIC_COLUMNS = ("id", "title", "subject", "menu")
NEEDED = ("question", "answer")
WIDTHS = {"question": 40, "answer": 70, "voice": 40, "phrasings": 50}
DEFAULTS = {"topic": "imported", "category": "その他", "owner": "（未定）", "source": "取り込み", "certainty": "公"}
MAX_ROWS = 20_000
MAX_CELL = 32_767  # Excel's limit; openpyxl would cut off the rest without a word
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class WorkbookError(Exception):
    """The file can't be taken over; the message says what was found, where, and what to do."""


@dataclass(frozen=True)
class Imported:
    """What was written, and what a person should know about it."""

    entries: int
    phrasings: int
    notes: tuple[str, ...]


def export(knowledge: Knowledge, file: Path) -> None:
    """Write every entry with its phrasings. Text that looks like a formula is kept as text. Raises WorkbookError for
    what no cell can hold."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "FAQ"
    rows = [_cells(entry, knowledge.phrasings.get(entry.id, ())) for entry in knowledge.entries.values()]
    _fill(sheet, [COLUMNS, *rows])
    for number, name in enumerate(COLUMNS, 1):
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = WIDTHS.get(name, 16)
    sheet.freeze_panes = "B2"
    topics = [(topic.id, topic.title, topic.subject, "\n".join(topic.menu)) for topic in knowledge.topics]
    _fill(book.create_sheet("話題"), [TOPIC_COLUMNS, *topics])
    book.save(file)


def _fill(sheet: Worksheet, rows: Iterable[Sequence[str | None]]) -> None:
    for row in rows:
        if too_long := next((text for text in row if text and len(text) > MAX_CELL), None):
            raise WorkbookError(
                f"「{row[0]}」の文字が多すぎて、Excel に書けません（{len(too_long)}文字。上限は{MAX_CELL}文字）。"
            )
        try:
            sheet.append(list(row))
        except IllegalCharacterError as error:
            raise WorkbookError(f"「{row[0]}」に、Excel に書けない制御文字があります。消してください。") from error
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, str) and cell.value.startswith(_FORMULA):
                cell.data_type, cell.quotePrefix = "s", True


def import_file(file: Path, directory: Path) -> Imported:
    """Write the entries of a workbook or CSV as a content folder. Needs the columns `question` and `answer`; others
    get a default. Raises WorkbookError; nothing is written then."""
    if (directory / "faq").exists():
        raise WorkbookError(
            f"{directory} にはもう faq/ があります。上書きしないよう、新しいフォルダーを指定してください。"
        )
    rows, topics, notes = _read_csv(file) if file.suffix.lower() == ".csv" else _read_workbook(file)
    if len(rows) > MAX_ROWS:
        raise WorkbookError(f"{file.name} は {len(rows)} 行あります。上限は {MAX_ROWS} 行です。")
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise WorkbookError(
            f"{file.name} の1行目に、列「{'」「'.join(missing)}」がありません"
            f"（見つかった列: {'、'.join(header) or 'なし'}）。"
            "1行目に列の名前を書いてください。"
        )
    unknown = [name for name in header if name and name not in COLUMNS]
    if unknown:
        notes.append(f"知らない列「{'」「'.join(unknown)}」は使いませんでした。")
    records = {
        number: dict(zip(header, row, strict=False))
        for number, row in enumerate(rows[1:], 2)
        if any(map(str.strip, row))
    }
    if not records:
        raise WorkbookError(f"{file.name} にFAQの行がありません。2行目から1行に1件ずつ書いてください。")
    entries = {number: _entry(record, number) for number, record in records.items()}
    _refuse_twice(entries)
    names = (record.get("topic", "").strip() or DEFAULTS["topic"] for record in records.values())
    titles = {usable_id(name): name for name in names}
    return _write(directory, list(entries.values()), _topics(topics, titles), notes)


def _cells(entry: Entry, phrasings: Sequence[str]) -> list[str | None]:
    links = "\n".join(f"{link.label} | {link.url}" for link in entry.links)
    days = (entry.valid.from_, entry.valid.until, entry.reviewed)
    return [
        entry.id, entry.topic, entry.category, entry.question, entry.answer, entry.voice, "\n".join(phrasings), links,
        "\n".join(entry.related), entry.owner, entry.source, entry.certainty,
        *(day.isoformat() if day else None for day in days),
    ]  # fmt: skip


def _read_csv(file: Path) -> tuple[list[list[str]], list[list[str]], list[str]]:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            with file.open(encoding=encoding, newline="") as stream:
                return [_texts(row) for row in csv.reader(stream)], [], []
        except UnicodeDecodeError:
            continue
        except (OSError, csv.Error) as error:
            raise WorkbookError(f"{file.name} を開けません: {error}") from error
    raise WorkbookError(f"{file.name} の文字コードを読めません。UTF-8 で保存してください。")


def _read_workbook(file: Path) -> tuple[list[list[str]], list[list[str]], list[str]]:
    try:
        book = load_workbook(file)
    except (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise WorkbookError(
            f"{file.name} を Excel のファイルとして開けません。.xlsx で保存し直してください。"
        ) from error
    sheet = book["FAQ"] if "FAQ" in book.sheetnames else book.worksheets[0]
    for area in list(sheet.merged_cells.ranges):
        raise WorkbookError(f"{file.name} の {area.coord} のセルが結合されています。結合を解除してください。")
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f" and not cell.quotePrefix:
                raise WorkbookError(f"{file.name} の {cell.coordinate} に数式があります。値に置きかえてください。")
    topics = [_texts(row) for row in book["話題"].iter_rows(values_only=True)] if "話題" in book.sheetnames else []
    return [_texts(row) for row in sheet.iter_rows(values_only=True)], topics, []


def _texts(row: Iterable[object]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: object) -> str:
    """What an editor sees in a cell; signs that YAML can't hold are dropped."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    text = "" if cell is None else str(cell).replace("\r\n", "\n").replace("\r", "\n")
    return yaml.reader.Reader.NON_PRINTABLE.sub("", text)


def _entry(record: Mapping[str, str], number: int) -> dict[str, object]:
    value = {name: record.get(name, "").strip() for name in COLUMNS}
    for name in NEEDED:
        if not value[name]:
            raise WorkbookError(f"{number}行目の「{name}」が空です。書くか、行を消してください。")
    id_ = usable_id(value["id"]) or f"row-{number}"
    links = [_link(line) for line in value["links"].splitlines() if line.strip()]
    valid = {name: value[f"valid_{name}"] for name in ("from", "until") if value[f"valid_{name}"]}
    entry: dict[str, object] = {
        "id": id_, "topic": usable_id(value["topic"] or DEFAULTS["topic"]),
        "category": _known(value["category"], get_args(Category), DEFAULTS["category"]),
        "question": value["question"], "answer": record["answer"], "voice": record.get("voice") or None,
        "links": links, "related": [usable_id(related) for related in value["related"].split()], "valid": valid or None,
        **{name: value[name] or DEFAULTS[name] for name in ("owner", "source")},
        "certainty": _known(value["certainty"], get_args(Certainty), DEFAULTS["certainty"]),
        "reviewed": value["reviewed"] or "null",
    }  # fmt: skip
    entry["phrasings"] = [line.strip() for line in record.get("phrasings", "").splitlines() if line.strip()]
    return {name: content for name, content in entry.items() if content not in (None, [], {})}


def _known(value: str, allowed: Sequence[str], default: str) -> str:
    """Classes of another FAQ mean nothing here."""
    return value if value in allowed else default


def _link(line: str) -> dict[str, str]:
    """「label | url」. A label may hold the bar too; so may an address, but no space."""
    label, _, url = line.rpartition("| " if "| " in line.strip() else "|")
    return {"label": label.strip() or url.strip(), "url": url.strip()}


def usable_id(found: str) -> str:
    """`found` if it can be an id (also a file name, so nothing leaves the folder); else what ASCII it has, or a hash,
    so that it stays when rows move. Empty if `found` is."""
    if not found or (re.fullmatch(SLUG, found) and len(found) <= MAX_ID):
        return found
    plain = re.sub(r"[^a-z0-9]+", "-", found.lower()).strip("-")
    return plain if 2 < len(plain) <= MAX_ID else f"q-{hashlib.sha256(found.encode()).hexdigest()[:8]}"


def _refuse_twice(entries: Mapping[int, Mapping[str, object]]) -> None:
    seen: dict[object, int] = {}
    for number, entry in entries.items():
        if entry["id"] in seen:
            raise WorkbookError(
                f"id「{entry['id']}」が {seen[entry['id']]} 行目と {number} 行目にあります。片方を変えてください。"
            )
        seen[entry["id"]] = number


def _topics(rows: list[list[str]], titles: Mapping[str, str]) -> list[dict[str, object]]:
    """The topics of the workbook's second sheet; the others only have the name they go by in the first."""
    topics: dict[str, dict[str, object]] = {}
    for row in rows[1:]:
        found = dict(zip(rows[0], row, strict=False))
        if id_ := usable_id(found.get("id", "").strip()):
            topics[id_] = {"id": id_, **{key: found.get(key, "").strip() or id_ for key in ("title", "subject")}}
            if menu := [usable_id(entry) for entry in found.get("menu", "").split()]:
                topics[id_]["menu"] = menu
    for id_ in sorted(titles.keys() - topics.keys()):
        topics[id_] = {"id": id_, "title": titles[id_], "subject": titles[id_]}
    return list(topics.values())


def _write(
    directory: Path, entries: list[dict[str, object]], topics: list[dict[str, object]], notes: list[str]
) -> Imported:
    intents: dict[str, list[str]] = {}
    count = 0
    for entry in entries:
        phrasings = entry.pop("phrasings", [])
        assert isinstance(phrasings, list)
        count += len(phrasings)
        topic = str(entry["topic"])
        file = directory / "faq" / topic / f"{entry['id']}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_dump(entry), encoding="utf-8")
        if phrasings:
            rows = "".join(f"    - {text}\n" for text in phrasings)
            intents.setdefault(topic, []).append(f"- intent: faq/{entry['id']}\n  examples: |\n{rows}")
    for topic, blocks in intents.items():
        file = directory / "nlu_data" / "faq" / f"{topic}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('version: "3.1"\nnlu:\n' + "".join(blocks), encoding="utf-8")
    file = directory / "faq" / "topics.yaml"
    if not file.exists():
        file.write_text(_dump(topics), encoding="utf-8")
    return Imported(len(entries), count, tuple(notes))


class _Dumper(yaml.SafeDumper):
    """Multi-line text as a block, as editors write it."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "\n" in text.strip() and not re.search(r"[ \t]+\n|\r|\t", text)
    style = '"' if re.search("[\x85\u2028\u2029]", text) else "|" if block else None  # other line ends need escapes
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent)


def _dump(data: object) -> str:
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000))
