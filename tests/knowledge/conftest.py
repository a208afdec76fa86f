"""A small content folder without findings, and a way to spoil one file of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SLIP_LOST = """\
id: slip-lost
topic: slip
category: 納税
question: 納付書をなくしました。再発行できますか。
answer: |
  はい、再発行できます。
  - 電話で申し込みます。
voice: はい、再発行できます。
links:
  - label: 納付書のページ
    url: https://www.example.lg.jp/slip
related: [slip-reissue]
owner: 自動車税事務所
source: 納税の方法
certainty: 県
valid: {from: 2026-04-01, until: 2027-03-31}
reviewed: 2026-11-20
"""
SLIP_REISSUE = """\
id: slip-reissue
topic: slip
category: 納税
question: 納付書はどこで再発行できますか。
answer: 自動車税事務所で再発行できます。
owner: 自動車税事務所
source: 納税の方法
certainty: 公
reviewed: 2026-11-20
"""
CALL_CENTRE = """\
id: call-centre
topic: contact
category: コールセンター
question: 電話で聞けますか。
answer: はい。コールセンター（0570-012-229）へお電話ください。
owner: 自動車税事務所
source: コールセンター
certainty: 未
reviewed: 2026-11-20
"""
TOPICS = """\
- id: slip
  title: 納付書について
  subject: 納付書
  menu: [slip-reissue]
- id: contact
  title: 問い合わせについて
  subject: コールセンター
"""
SMALL_TALK = """\
version: "3.1"
nlu:
- intent: smalltalk/greeting
  examples: |
    - こんにちは
responses:
  utter_smalltalk/greeting:
  - text: こんにちは。ご質問をどうぞ。
"""


def _intent(entry: str, words: str) -> str:
    return f"- intent: faq/{entry}\n  examples: |\n" + "".join(f"    - {words}その{n}\n" for n in range(20))


GOOD = {
    "faq/topics.yaml": TOPICS,
    "faq/slip/slip-lost.yaml": SLIP_LOST,
    "faq/slip/slip-reissue.yaml": SLIP_REISSUE,
    "faq/contact/call-centre.yaml": CALL_CENTRE,
    "nlu_data/config.yml": "recipe: default.v1\n",
    "nlu_data/domain.yml": 'version: "3.1"\nintents:\n- faq\n',
    "nlu_data/rules.yml": 'version: "3.1"\nrules: []\n',
    "nlu_data/smalltalk.yml": SMALL_TALK,
    "nlu_data/out_of_scope.yml": "nlu:\n- intent: out_of_scope/weather\n  examples: |\n    - 明日の天気\n",
    "nlu_data/lookups.yml": "nlu:\n- lookup: subject\n  examples: |\n    - 納付書\n",
    "nlu_data/synonyms.yml": "nlu:\n- synonym: 自動車税\n  examples: |\n    - 車の税金\n",
    "nlu_data/faq/slip.yml": f"nlu:\n{_intent('slip-lost', '紙をなくした')}{_intent('slip-reissue', '窓口')}",
    "nlu_data/faq/contact.yml": f"nlu:\n{_intent('call-centre', '電話番号')}",
    "tests/questions/slip.yaml": "- {ask: 用紙が見当たらない, expect: slip-lost, accept: [slip-reissue]}\n",
    "tests/questions/none.yaml": "- {ask: 野球の結果, expect: none}\n",
}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The root of a content folder: two topics, three entries, no findings."""
    for name, text in GOOD.items():
        file = tmp_path / "content" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "content"


@pytest.fixture
def change(content: Path) -> Callable[..., None]:
    """`change(name, new)` writes a whole file, `change(name, new, old)` puts `new` in the place of `old`."""

    def change(name: str, new: str | bytes, old: str | None = None) -> None:
        file = content / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if old is not None:
            text = file.read_text(encoding="utf-8")
            assert text.count(old) == 1, f"「{old}」 must stand once in {name}"
            new = text.replace(old, str(new))
        file.write_bytes(new if isinstance(new, bytes) else new.encode("utf-8"))

    return change
