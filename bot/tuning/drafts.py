"""The draft of a new entry: everything an editor has to write, with what residents ask; it is never served."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence

from bot.knowledge.models import Entry, Knowledge
from bot.tuning.changes import question_line
from bot.tuning.proposals import Guard, Near
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


def drafted(question: str, terms: Sequence[str], near: Sequence[Near], knowledge: Knowledge, taken: set[str]) -> Entry:
    """An entry that leads to the call centre; topic and category as those of the entries near it."""
    known = [knowledge.entries[each.id] for each in near if each.id in knowledge.entries]
    topic = _most([entry.topic for entry in known], knowledge.topics[-1].id if knowledge.topics else "other")
    category = _most([entry.category for entry in known], "その他")
    return Entry.model_validate({
        "id": new_name(terms, {*knowledge.entries, *taken}), "topic": topic, "category": category,
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
    lines += [f"# -- tests/questions/{name}.yaml に足す検査の質問（言い回しとは別の聞き方） --"]
    lines += [f"# {question_line(guard, lang)}" for guard in guards]
    return head + body + "\n".join(lines) + "\n"


def new_name(terms: Sequence[str], taken: set[str]) -> str:
    """An id that nothing has, from the reading of some words; editors give a better one."""
    latin = "-".join(map(in_latin, terms))
    plain = re.sub(r"[^a-z0-9]+", "-", latin.lower()).strip("-")[:LONGEST_NAME].strip("-")
    name = f"new-{plain}" if plain else "new"
    number, wanted = 2, name
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _most(values: Sequence[str], otherwise: str) -> str:
    return Counter(values).most_common(1)[0][0] if values else otherwise


def _scalar(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
