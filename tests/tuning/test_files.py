"""Lines go where an editor would put them, and nothing else changes by a byte."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from bot.tuning.files import Edit, NotWritable, difference, edits, new_name
from bot.tuning.proposals import Guard, Proposal, Way

NLU = """version: "3.1"
nlu:
# 納付書
- intent: faq/slip-lost
  examples: |
    - 納付書なくした
    - 紙がない   # 言い回し
- intent: faq/slip-damaged
  examples: |
    - 破れた
"""
ASKED = """# slip-lost
- {ask: "紙をなくした", expect: slip-lost}   # よくある
- ask: 捨てた
  expect: slip-lost
# slip-damaged
- {ask: "破れた紙", expect: slip-damaged}
"""
NONE = '# (a)\n- {ask: "住民税", expect: none}\n'
OUT = 'version: "3.1"\nnlu:\n- intent: out_of_scope/weather\n  examples: |\n    - 天気は'  # no end of line
TOPICS = {"slip-lost": "payment-slip", "slip-damaged": "payment-slip"}


def proposal(way: Way, target: str, *phrasings: str, guards: tuple[str, ...] = (), lang: str = "ja") -> Proposal:
    expect = "none" if way is Way.OUT_OF_SCOPE else target
    return Proposal(
        id="a-1", way=way, lang=lang, target=target, title="t", questions=1, askers=1, different=1, examples=(), why=(),
        phrasings=phrasings, guards=tuple(Guard(ask=ask, expect=expect) for ask in guards),
    )  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "nlu_data/faq/payment-slip.yml": NLU,
        "tests/questions/payment-slip.yaml": ASKED,
        "tests/questions/none.yaml": NONE,
    }
    files |= {
        "nlu_data/out_of_scope.yml": OUT,
        "nlu_data/en/payment-slip.yml": NLU,
        "tests/questions/en.yaml": "- {ask: x, expect: slip-lost, lang: en}\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    return tmp_path


def added(edit: Edit) -> list[str]:
    """The new lines; all others must be there as they were, in their order."""
    before, after = edit.before.splitlines(), edit.after.splitlines()
    new = list(after)
    for line in before:
        new.remove(line)
    assert [line for line in after if line not in new] == [line for line in before if line not in new]
    return new


def test_phrasings_go_behind_the_last_of_their_entry(root: Path) -> None:
    nlu, asked = edits([proposal(Way.PHRASING, "slip-lost", "どこかにやった", guards=('"紛失"した',))], root, TOPICS)
    assert added(nlu) == ["    - どこかにやった"]
    assert nlu.after.index("どこかにやった") < nlu.after.index("slip-damaged")
    assert added(asked) == ['- {ask: "\\"紛失\\"した", expect: slip-lost}']
    assert asked.after.index("紛失") < asked.after.index("# slip-damaged")
    read = yaml.safe_load(asked.after)
    assert [row["ask"] for row in read] == ["紙をなくした", "捨てた", '"紛失"した', "破れた紙"]


def test_what_is_there_is_not_written_again(root: Path) -> None:
    assert edits([proposal(Way.PHRASING, "slip-lost", "納付書 なくした。", guards=("捨てた",))], root, TOPICS)[
        0
    ].path.startswith("tests/")
    assert edits([proposal(Way.PHRASING, "slip-lost", "納付書なくした")], root, TOPICS) == []


def test_what_another_entry_has_is_written_for_the_check_to_tell(root: Path) -> None:
    (edit,) = edits([proposal(Way.PHRASING, "slip-lost", "破れた", "どこかにやった")], root, TOPICS)
    assert edit.after.count("    - 破れた\n") == 2
    assert edit.after.index("どこかにやった") < edit.after.index("slip-damaged")


def test_a_new_group_stands_at_the_end(root: Path) -> None:
    nlu, asked = edits([proposal(Way.OUT_OF_SCOPE, "boats", "ボートの税", guards=("ヨットの税",))], root, TOPICS)
    assert [item["intent"] for item in yaml.safe_load(nlu.after)["nlu"]] == [
        "out_of_scope/weather",
        "out_of_scope/boats",
    ]
    assert yaml.safe_load(nlu.after)["nlu"][1]["examples"] == "- ボートの税\n"
    assert added(asked) == ['- {ask: "ヨットの税", expect: none}']
    known = edits([proposal(Way.OUT_OF_SCOPE, "weather", "雨ですか")], root, TOPICS)
    assert known[0].after.endswith("    - 天気は\n    - 雨ですか\n")


def test_other_languages_have_files_of_their_own(root: Path) -> None:
    nlu, asked = edits([proposal(Way.PHRASING, "slip-lost", "lost it", guards=("gone",), lang="en")], root, TOPICS)
    assert (nlu.path, asked.path) == ("nlu_data/en/payment-slip.yml", "tests/questions/en.yaml")
    assert added(asked) == ['- {ask: "gone", expect: slip-lost, lang: en}']


def test_ends_of_lines_stay(root: Path) -> None:
    file = root / "nlu_data/faq/payment-slip.yml"
    file.write_bytes(NLU.replace("\n", "\r\n").encode())
    (edit,) = edits([proposal(Way.PHRASING, "slip-damaged", "ぬれた")], root, TOPICS)
    assert edit.after == NLU.replace("\n", "\r\n") + "    - ぬれた\r\n"


def test_two_proposals_for_one_file(root: Path) -> None:
    both = [proposal(Way.PHRASING, "slip-lost", "どこかにやった"), proposal(Way.PHRASING, "slip-damaged", "ぬれた")]
    (edit,) = edits(both, root, TOPICS)
    assert added(edit) == ["    - どこかにやった", "    - ぬれた"]


def test_files_that_cannot_be_read_are_told(root: Path) -> None:
    (root / "nlu_data/faq/payment-slip.yml").write_text("nlu: [", encoding="utf-8")
    with pytest.raises(NotWritable, match="madoguchi check"):
        edits([proposal(Way.PHRASING, "slip-lost", "どこかにやった")], root, TOPICS)
    (root / "nlu_data/faq/payment-slip.yml").unlink()
    with pytest.raises(NotWritable, match="を読めません"):
        edits([proposal(Way.PHRASING, "slip-lost", "どこかにやった")], root, TOPICS)
    with pytest.raises(NotWritable, match="いまはありません"):
        edits([proposal(Way.PHRASING, "gone", "どこかにやった")], root, TOPICS)


def test_git_takes_the_difference(root: Path) -> None:
    accepted = [
        proposal(Way.PHRASING, "slip-lost", "どこかにやった", guards=("見当たらない",)),
        proposal(Way.OUT_OF_SCOPE, "weather", "雨ですか"),
    ]
    changed = edits(accepted, root, TOPICS)
    subprocess.run(["git", "apply", "-"], cwd=root, input=difference(changed).encode(), check=True, capture_output=True)
    for edit in changed:
        assert (root / edit.path).read_bytes().decode() == edit.after


def test_names_are_free_and_plain() -> None:
    assert new_name("new-", ["ボート", "税金"], set()) == "new-bo-to-zeikin"
    assert new_name("", ["！"], {"group"}) == "group-2"
