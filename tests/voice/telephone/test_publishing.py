"""What editors change is heard on the telephone: checked, rendered only where new, swapped as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from served import eventually, share_prompts

from bot.dialogue.office_hours import TOKYO, load_office_hours
from bot.knowledge.findings import errors
from bot.knowledge.loader import load
from voice.flow.steps import Spoken
from voice.speech.safe import safe_clip
from voice.telephone.publishing import TelephoneCheck, TelephonePublisher
from voice.telephone.snapshot import Snapshot, SnapshotFile

pytestmark = pytest.mark.slow
FAREWELL = "ご案内は、以上です。お電話ありがとうございました。"
CHANGED = "これで、ご案内を終わります。お電話ありがとうございました。"


class Published:
    """A publisher over a copy of the content, and what a telephone process would read of it."""

    def __init__(self, root: Path, data: Path) -> None:
        share_prompts(data)
        self.root, self.prompts, self.file = root, data / "prompts", data / "published.json"
        self.publisher = TelephonePublisher(root, self.prompts, self.file)
        self.other_process = SnapshotFile(self.file)

    def publish(self) -> list[str]:
        """Publish what is on disk; the codes of the errors."""
        loaded, (hours, _) = load(self.root), load_office_hours(self.root)
        assert loaded.knowledge
        assert hours
        go, findings = self.publisher.prepare(loaded, hours)
        assert (go is None) is bool(errors(findings))
        if go:
            go()
        return [found.code for found in errors(findings)]

    def read(self) -> Snapshot:
        """What the telephone process takes over next."""
        return eventually(lambda: self.other_process.read(self.prompts), 60)

    def change(self, before: str, after: str, file: str = "ivr_flows/after_hours.yaml") -> None:
        """Edit a file of the content."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture
def published(content: Path, tmp_path: Path) -> Iterator[Published]:
    made = Published(content, tmp_path / "data")
    yield made
    made.publisher.close()


def test_a_changed_sentence_is_rendered_and_nothing_else(published: Published) -> None:
    assert published.publish() == []
    first = published.read()
    eventually(lambda: first.store.clip(FAREWELL), 60)
    before = {file.name for file in published.prompts.rglob("*.alaw")}
    published.change(FAREWELL, CHANGED)
    assert published.publish() == []
    second = published.read()
    assert second.telephone.version != first.telephone.version
    assert second.store.clip(CHANGED), "a new snapshot is swapped in once it is rendered"
    assert second.clip(Spoken(CHANGED)).seconds == pytest.approx(first.clip(Spoken(FAREWELL)).seconds, abs=2)
    new = {file.name for file in published.prompts.rglob("*.alaw")} - before
    assert len(new) == 1, "「お電話ありがとうございました。」 was there already"


def test_a_broken_flow_keeps_the_old_one(published: Published) -> None:
    assert published.publish() == []
    first = published.read()
    published.change("then: menu", "then: manu")
    assert published.publish() != []
    assert published.other_process.read(published.prompts) is None
    assert first.telephone.node("after_hours", "menu")


def test_words_without_sound_are_replaced_by_the_safe_sentence(published: Published) -> None:
    assert published.publish() == []
    assert published.read().clip(Spoken("まだ作っていない文です。")) == safe_clip()


def test_check_tells_a_suspicious_reading_and_what_is_over(content: Path, tmp_path: Path) -> None:
    flow = content / "ivr_flows" / "after_hours.yaml"
    text = flow.read_text(encoding="utf-8")
    flow.write_text(text.replace("ご案内は、以上です。", "ＡＢＣＤカードは、以上です。"), encoding="utf-8")
    loaded, (hours, _) = load(content), load_office_hours(content)
    assert loaded.knowledge
    assert hours
    check = TelephoneCheck(content, tmp_path, dt.datetime.now(TOKYO).date())
    go, findings = check.prepare(loaded, hours)
    assert go is not None
    assert {found.code for found in findings if found.path.endswith("after_hours.yaml")} >= {"IVR060"}


@pytest.mark.parametrize("content_of", [lambda: "{", lambda: '{"telephone": {}}', lambda: ""])
def test_a_snapshot_that_cannot_be_read_raises_and_is_tried_again(
    published: Published, content_of: Callable[[], str]
) -> None:
    assert published.publish() == []
    published.read()
    published.file.write_text(content_of(), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ValueError, match=r"(?s).+"):
            published.other_process.read(published.prompts)
