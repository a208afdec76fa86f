"""What is written into files: new lines in the text of those that are there, which else stays byte for byte, and the
draft of a new entry, which nothing serves."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.lint import same
from bot.knowledge.models import Entry, Knowledge
from bot.knowledge.yaml_text import decode
from bot.tuning.proposals import Guard, Near, Proposal, Way
from bot.tuning.wording import in_latin

LONGEST_NAME = 40
_CALL = "自動車税コールセンター（0570-012-229、平日午前8時30分〜午後5時15分）"
_HEAD = """\
# 下書きです。このままでは、どこにも公開されません。
#   1. 近いFAQ（{near}）に答えがないかを確かめます。あれば、下の言い回しをそのFAQに足すだけで済みます。
#   2. id・topic・category・question を決め、answer を書き、担当が確認します（id は、公開したあと変えません）。
#   3. このファイルを faq/<topic>/<id>.yaml に移し、下の言い回しと検査の質問を写して、madoguchi check を流します。
"""
_BODY = """\
id: {id}
topic: {topic}
category: {category}
question: {question}
answer: |
  このことは、いま確認しています。
  お問い合わせは、{call}へ。
related: [{related}]
owner: 未定
source: 未定
certainty: 未
reviewed: null
"""


class NotWritable(Exception):
    """The files don't look as they should; the message says which and what to do."""


@dataclass(frozen=True)
class Edit:
    """A file's text before and after; `path` below the content root."""

    path: str
    before: str
    after: str


def edits(proposals: Iterable[Proposal], root: Path, topics: Mapping[str, str]) -> list[Edit]:
    """What the files below `root` become; `topics`: the topic of each entry. Files that stay as they are are left out.
    What is there already is not written again. Raises NotWritable."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for proposal in proposals:
        if proposal.way is Way.ENTRY:
            continue  # a draft, which is not part of the content
        topic = topics.get(proposal.target, "")
        if proposal.way is Way.PHRASING and not topic:
            raise NotWritable(f"「{proposal.target}」というFAQは、いまはありません。提案を計算し直してください。")
        nlu, questions = _paths(proposal, topic)
        for path in (nlu, questions):
            if path not in before:
                before[path] = after[path] = _read(root / path, path)
        kind = "faq" if proposal.way is Way.PHRASING else "out_of_scope"
        after[nlu] = _with_phrasings(after[nlu], nlu, f"{kind}/{proposal.target}", proposal.phrasings)
        expected = proposal.target if proposal.way is Way.PHRASING else "none"
        lines = [question_line(guard, proposal.lang) for guard in proposal.guards]
        after[questions] = _with_questions(after[questions], questions, expected, lines)
    return [Edit(path, before[path], after[path]) for path in sorted(after) if before[path] != after[path]]


def difference(changed: Iterable[Edit]) -> str:
    """The edits as a unified diff, as `git diff` shows it."""
    lines: list[str] = []
    for edit in changed:
        before, after = (text.splitlines(keepends=True) for text in (edit.before, edit.after))
        lines += difflib.unified_diff(before, after, f"a/{edit.path}", f"b/{edit.path}", n=2)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def question_line(guard: Guard, lang: str) -> str:
    """A guarding question as its file writes it; JSON's quotes are YAML's."""
    spoken = f", lang: {lang}" if lang != "ja" else ""
    return f"- {{ask: {json.dumps(guard.ask, ensure_ascii=False)}, expect: {guard.expect}{spoken}}}"


def _paths(proposal: Proposal, topic: str) -> tuple[str, str]:
    japanese = proposal.lang == "ja"
    if proposal.way is Way.PHRASING:
        folder = "faq" if japanese else proposal.lang
        nlu = f"nlu_data/{folder}/{topic}.yml"
    else:
        nlu = "nlu_data/out_of_scope.yml" if japanese else f"nlu_data/{proposal.lang}/out_of_scope.yml"
    name = proposal.lang if not japanese else topic if proposal.way is Way.PHRASING else "none"
    return nlu, f"tests/questions/{name}.yaml"


def _read(file: Path, path: str) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotWritable(f"{path} を読めません。ファイルがあるかを確かめてください。") from error


def _with_phrasings(text: str, path: str, intent: str, phrasings: Sequence[str]) -> str:
    """The text of a file of phrasings with some more behind those of an intent, which is new at the end if need be.
    What the intent has already is left out; what another has stays, for the check to tell."""
    rows = text.splitlines()
    first, last = _examples(text, path, intent)
    there = {same(row.strip().removeprefix("- ")) for row in rows[first:last]}
    new = [phrasing for phrasing in phrasings if same(phrasing) not in there]
    if not new:
        return text
    if not last:
        head = [f"- intent: {intent}", "  examples: |"]
        return _inserted(text, len(rows), [*head, *(f"    - {phrasing}" for phrasing in new)])
    indent = rows[last - 1][: len(rows[last - 1]) - len(rows[last - 1].lstrip(" "))]
    return _inserted(text, last, [f"{indent}- {phrasing}" for phrasing in new])


def _with_questions(text: str, path: str, expected: str, lines: Sequence[str]) -> str:
    """The text of a file of guarding questions with some more behind those that expect the same, or at the end."""
    there = {same(row) for row in text.splitlines()}
    new = [line for line in lines if same(line) not in there]
    return _inserted(text, _after_questions(text, path, expected), new) if new else text


def _inserted(text: str, after: int, lines: Sequence[str]) -> str:
    """A text with some lines behind its first `after` ones; the ends of lines as they are in it."""
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = text.splitlines(keepends=True)
    if rows and after and not rows[after - 1].endswith("\n"):
        rows[after - 1] += newline
    rows[after:after] = [line + newline for line in lines]
    return "".join(rows)


def _examples(text: str, path: str, intent: str) -> tuple[int, int]:
    """The numbers of lines before the first and up to the last example of an intent; (0, 0) if it is not there."""
    document, _ = decode(text.encode(), path)
    items = document.data.get("nlu") if document and isinstance(document.data, dict) else None
    if document is None or not isinstance(items, list):
        raise NotWritable(f"{path} を読めません。「madoguchi check」で直してから、もう一度採用してください。")
    for number, item in enumerate(items):
        if isinstance(item, dict) and item.get("intent") == intent:
            rows = text.splitlines()
            end = document.line("nlu", number + 1) - 1 if number + 1 < len(items) else len(rows)
            first = last = line = document.line("nlu", number, "examples")
            while line < end and (not rows[line].strip() or rows[line].startswith(" ")):
                line += 1
                if rows[line - 1].strip().startswith("- "):
                    last = line
            return first, last
    return 0, 0


def _after_questions(text: str, path: str, expected: str) -> int:
    """The number of lines up to the last question that expects something; the end if there is none."""
    document, _ = decode(text.encode(), path)
    if document is None or not isinstance(document.data, list):
        raise NotWritable(f"{path} を読めません。「madoguchi check」で直してから、もう一度採用してください。")
    mine = [
        number for number, item in enumerate(document.data) if isinstance(item, dict) and item.get("expect") == expected
    ]
    rows = text.splitlines()
    if not mine:
        return len(rows)
    first = document.line(mine[-1])
    following = document.line(mine[-1] + 1) if mine[-1] + 1 < len(document.data) else len(rows) + 1
    line = first
    while line < following - 1 and rows[line].strip() and not rows[line].startswith(("#", "- ")):
        line += 1
    return line


def drafted(question: str, terms: Sequence[str], near: Sequence[Near], knowledge: Knowledge, taken: set[str]) -> Entry:
    """An entry that leads to the call centre; topic and category as those of the entries near it."""
    known = [knowledge.entries[each.id] for each in near if each.id in knowledge.entries]
    topic = _most([entry.topic for entry in known], knowledge.topics[-1].id if knowledge.topics else "other")
    category = _most([entry.category for entry in known], "その他")
    return Entry.model_validate({
        "id": new_name("new-", terms, {*knowledge.entries, *taken}), "topic": topic, "category": category,
        "question": question[:120], "answer": f"このことは、いま確認しています。\nお問い合わせは、{_CALL}へ。",
        "related": [entry.id for entry in known], "owner": "未定", "source": "未定", "certainty": "未",
    })  # fmt: skip


def written(entry: Entry, phrasings: Sequence[str], guards: Sequence[Guard], near: Sequence[Near], lang: str) -> str:
    """The file an editor goes on with. In another language than Japanese the words are the residents'."""
    head = _HEAD.format(near="、".join(each.id for each in near) or "なし")
    body = _BODY.format(
        id=entry.id, topic=entry.topic, category=entry.category, question=_scalar(entry.question), call=_CALL,
        related=", ".join(entry.related),
    )  # fmt: skip
    folder = "faq" if lang == "ja" else lang
    lines = [f"# -- nlu_data/{folder}/{entry.topic}.yml に足す言い回し --", f"# - intent: faq/{entry.id}"]
    lines += ["#   examples: |", *(f"#     - {text}" for text in phrasings)]
    name = entry.topic if lang == "ja" else lang
    if guards:
        lines.append(f"# -- tests/questions/{name}.yaml に足す検査の質問（言い回しとは別の聞き方） --")
    lines += [f"# {question_line(guard, lang)}" for guard in guards]
    return head + body + "\n".join(lines) + "\n"


def new_name(prefix: str, terms: Sequence[str], taken: set[str]) -> str:
    """An id that nothing has, from the reading of some words; editors may give a better one."""
    latin = "-".join(map(in_latin, terms))
    plain = re.sub(r"[^a-z0-9]+", "-", latin.lower()).strip("-")[:LONGEST_NAME].strip("-")
    name = f"{prefix}{plain or 'group'}"
    number, wanted = 2, name
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _most(values: Sequence[str], otherwise: str) -> str:
    return Counter(values).most_common(1)[0][0] if values else otherwise


def _scalar(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
