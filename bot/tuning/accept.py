"""Accept proposals: the change is written into a copy of the content first and checked there as `madoguchi check` does,
and only then into the content itself, whole or not at all."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn, Protocol

from bot.knowledge.findings import Finding, errors
from bot.knowledge.loader import Loaded, load
from bot.knowledge.models import Knowledge
from bot.search.check import check
from bot.search.engine import Engine
from bot.tuning.compose import content_mark
from bot.tuning.files import Edit, NotWritable, difference, edits
from bot.tuning.proposals import DRAFTS, FOLDER, Proposal, Tuning, Way, write
from bot.tuning.tune import Searched
from bot.tuning.wording import may_be_written

CONTENT = ("faq", "nlu_data", "tests/questions")
SHOWN = 5  # findings that are named
_writing = threading.Lock()

Search = Callable[[Knowledge], Searched]
"""Gives what a search over some knowledge needs. Raises ModelMissing."""


class NotAccepted(Exception):
    """Nothing was written, or the message names the files; it says why and what to do."""


class ReadOnly(NotAccepted):
    """The content can't be written here: the message says so; the change itself is good."""


@dataclass(frozen=True)
class Acceptable:
    """Proposals that may be kept: what files become, drafts by their name, and the figures of the guarding questions
    with the edits (rates 0–1; none without edits)."""

    proposals: tuple[Proposal, ...]
    edits: tuple[Edit, ...]
    drafts: dict[str, str]
    figures: dict[str, float | int]

    @property
    def difference(self) -> str:
        """The edits as `git diff` shows them and `git apply` takes them."""
        return difference(self.edits)


class TuningTools(Protocol):
    """What pages may ask of tuning."""

    def start(self, month: str) -> None:
        """Work out a month in a process of its own; nothing while one is at work."""
        ...

    def working_on(self) -> str:
        """The month that is being worked out; "" if none is."""
        ...

    def failure(self, month: str) -> str:
        """Why a month could not be worked out the last time; "" if it could."""
        ...

    def prepare(self, tuning: Tuning, ids: Sequence[str]) -> Acceptable:
        """Try proposals out. Raises NotAccepted."""
        ...

    def keep(self, acceptable: Acceptable) -> list[str]:
        """Write them; the files. Raises NotAccepted."""
        ...


def prepare(tuning: Tuning, ids: Sequence[str], root: Path, search: Search, today: dt.date) -> Acceptable:
    """Try proposals out on a copy of the content below `root`. Raises NotAccepted if they don't fit or don't pass."""
    proposals = tuple(_found(tuning, id_) for id_ in dict.fromkeys(ids))
    now = load(root)
    if now.knowledge is None:
        raise NotAccepted(
            "いまの内容に直すところがあるため、採用できません。"
            "「madoguchi check」で直してから、もう一度採用してください。"
        )
    for proposal in proposals:
        _must_fit(proposal, now)
    topics = {id_: entry.topic for id_, entry in now.knowledge.entries.items()}
    try:
        changed = tuple(edits(proposals, root, topics))
    except NotWritable as error:
        raise NotAccepted(str(error)) from error
    drafts = {f"{proposal.target}.yaml": proposal.draft for proposal in proposals if proposal.way is Way.ENTRY}
    if not changed and not drafts:
        raise NotAccepted("もう採用されています。書き加えるものは、ありません。")
    figures = _tried_out(changed, proposals, root, search, today) if changed else {}
    return Acceptable(proposals, changed, drafts, figures)


def keep(acceptable: Acceptable, root: Path, data: Path) -> list[str]:
    """Write what was prepared; the files, those of the content below `root`. Raises ReadOnly and NotAccepted; then
    everything is as it was before, but for the files that NotAccepted names."""
    written: list[Edit] = []
    with _writing:
        try:
            for edit in acceptable.edits:
                _must_be_as_read(root / edit.path, edit)
            for edit in acceptable.edits:
                write(root / edit.path, edit.after)
                written.append(edit)
            for name, draft in acceptable.drafts.items():
                write(data / FOLDER / DRAFTS / name, draft)
        except OSError as error:
            if changed := put_back(written, root):
                raise NotAccepted(
                    f"書いている途中で書けなくなり（{error.strerror}）、元に戻せないファイルがあります: "
                    f"{'、'.join(changed)}。空き容量を確かめ、「git restore {' '.join(changed)}」で戻してください。"
                ) from error
            raise ReadOnly(f"内容のフォルダーに書けません（{error.strerror}）。何も変えていません。") from error
    return [*(edit.path for edit in acceptable.edits), *(str(data / FOLDER / DRAFTS / n) for n in acceptable.drafts)]


def put_back(written: Sequence[Edit], root: Path) -> list[str]:
    """Make files what they were before they were written; those that could not be."""
    failed = []
    for edit in written:
        try:
            write(root / edit.path, edit.before)
        except OSError:
            failed.append(edit.path)
    return failed


def accepted(proposal: Proposal, knowledge: Knowledge, data: Path) -> bool:
    """Whether a proposal is part of the content already (its draft: of the data folder)."""
    if proposal.way is Way.ENTRY:
        return (data / FOLDER / DRAFTS / f"{proposal.target}.yaml").is_file()
    said = knowledge.phrasings if proposal.way is Way.PHRASING else knowledge.out_of_scope
    return bool(proposal.phrasings) and set(proposal.phrasings) <= set(said.get(proposal.target, ()))


def _found(tuning: Tuning, id_: str) -> Proposal:
    proposal = tuning.find(id_)
    if proposal is None:
        raise NotAccepted(
            f"「{id_}」という提案は、{tuning.month} にはありません。"
            f"「madoguchi tune {tuning.month}」で確かめてください。"
        )
    if not proposal.acceptable:
        raise NotAccepted(f"「{id_}」には、書き加えるものがありません。読んで、編集者が直してください。")
    return proposal


def _must_fit(proposal: Proposal, now: Loaded) -> None:
    """Raises NotAccepted for a proposal that was made for other content, or whose words must not be written."""
    known = now.knowledge if proposal.lang == "ja" else now.editions.get(proposal.lang)
    questions = [placed.question for placed in now.questions]
    if known is None or content_mark(known, questions, proposal) != proposal.stands_on:
        raise NotAccepted(
            f"「{proposal.id}」の提案のあとで、「{proposal.target}」の内容が変わりました。提案を計算し直してください。"
        )
    words = (*proposal.phrasings, *(guard.ask for guard in proposal.guards))
    if not all(may_be_written(text, 2, proposal.lang) for text in words):
        raise NotAccepted(f"「{proposal.id}」に、書いてはいけない言葉があります。提案を計算し直してください。")


def _tried_out(
    changed: Sequence[Edit], proposals: Sequence[Proposal], root: Path, search: Search, today: dt.date
) -> dict[str, float | int]:
    """The figures of the guarding questions of a copy with the edits. Raises NotAccepted with what was found."""
    with TemporaryDirectory(prefix="madoguchi-tuning-") as folder:
        copy = Path(folder)
        for name in CONTENT:
            shutil.copytree(root / name, copy / name, copy_function=shutil.copyfile)
        for edit in changed:
            write(copy / edit.path, edit.after)
        loaded = load(copy)
    if loaded.knowledge is None:
        _refuse(errors(loaded.findings))
    spoken = {"ja", *(proposal.lang for proposal in proposals)}
    known = {"ja": loaded.knowledge, **loaded.editions}
    engines = {lang: _engine(search(known[lang])) for lang in known if lang in spoken}
    checked = check(loaded, engines, today)
    new = {guard.ask for proposal in proposals for guard in proposal.guards}
    places = {(placed.path, placed.line) for placed in loaded.questions if placed.question.ask in new}
    bad = [*errors(checked.findings), *(found for found in checked.findings if (found.path, found.line) in places)]
    if bad:
        _refuse(bad)
    return checked.figures


def _engine(searched: Searched) -> Engine:
    return Engine(searched.knowledge, searched.table, searched.fitted)


def _refuse(found: Sequence[Finding]) -> NoReturn:
    shown = "\n".join(map(str, found[:SHOWN]))
    raise NotAccepted(f"書き加えると検査に通らないため、採用しませんでした。何も変えていません。\n{shown}")


def _must_be_as_read(file: Path, edit: Edit) -> None:
    if file.read_bytes().decode("utf-8", "replace") != edit.before:
        raise NotAccepted(f"{edit.path} が、いま、ほかの人に変えられました。もう一度採用してください。")
