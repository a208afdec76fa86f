"""From a month whose truth is known, the proposals find what was planted, and show what would do harm."""

from __future__ import annotations

import datetime as dt

import pytest
from simulated import CRUDE, EITHER, GAP, NOW, OCTOBER, PAIR, PRIVATE, STRANGE, UNSEEN, Simulated

from bot.analytics.period import Period
from bot.dialogue.events import Event, Happened
from bot.dialogue.published import Published
from bot.knowledge.lint import same
from bot.tuning.effects import Guarded, Move, Proof, Replayed
from bot.tuning.proof import Bench, Change
from bot.tuning.proposals import Proposal, Way
from bot.tuning.tune import Wanted, against, tune


def found(simulated: Simulated, way: Way, target: str = "") -> list[Proposal]:
    return [each for each in simulated.tuning.proposals if each.way is way and target in ("", each.target)]


def test_unseen_words_become_phrasings_of_their_entry(simulated: Simulated) -> None:
    for id_ in UNSEEN:
        (proposal,) = found(simulated, Way.PHRASING, id_)
        assert proposal.phrasings
        assert proposal.guards
        assert proposal.proof is not None
        lost, gained = proposal.proof.replayed.lost_and_gained
        assert gained >= 4 > lost
        assert proposal.recommended == (10 * lost <= gained), (id_, proposal.against)
        assert not proposal.proof.guarded.lost
    assert sum(proposal.recommended for proposal in found(simulated, Way.PHRASING)) >= 2


def test_a_gap_becomes_a_draft_that_nothing_serves(simulated: Simulated, published: Published) -> None:
    asked = {same(text) for text in published.engine.knowledge.phrasings[GAP]}
    drafts = [p for p in found(simulated, Way.ENTRY) if any(a in same(e.text) for e in p.examples for a in asked)]
    assert drafts
    assert drafts[0].askers >= 15
    assert not drafts[0].recommended  # nobody can promise an answer that is not written
    assert "certainty: 未" in drafts[0].draft
    assert drafts[0].phrasings[0] in drafts[0].draft


def test_what_is_none_of_ours_is_not_answered(simulated: Simulated, published: Published) -> None:
    strange = {same(text) for text in published.engine.knowledge.out_of_scope[STRANGE]}
    mine = [p for p in simulated.tuning.proposals if any(a in same(e.text) for e in p.examples for a in strange)]
    outside = [proposal for proposal in mine if proposal.way is Way.OUT_OF_SCOPE and proposal.phrasings]
    assert outside
    assert {guard.expect for proposal in outside for guard in proposal.guards} <= {"none"}
    assert any(move.after == "答えなし" for p in outside if p.proof for move in p.proof.replayed.moves)
    assert not any(proposal.recommended for proposal in mine if proposal.way is not Way.OUT_OF_SCOPE)


def test_two_entries_that_are_chosen_for_the_same_words(simulated: Simulated) -> None:
    (pair,) = found(simulated, Way.ALIKE)
    assert pair.target == "+".join(PAIR)
    assert not pair.acceptable
    assert any(same(text) in same(example.text) for example in pair.examples for text in EITHER)


def test_nothing_private_or_crude_is_ever_written(simulated: Simulated) -> None:
    written = [text for p in simulated.tuning.proposals for text in (*p.phrasings, *(g.ask for g in p.guards), p.draft)]
    assert written
    for text in written:
        assert same(PRIVATE) not in same(text)
        assert "〔" not in text
    assert not any(CRUDE in e.text for p in simulated.tuning.proposals for e in p.examples)


def test_no_words_stand_in_two_proposals(simulated: Simulated) -> None:
    words = [same(text) for p in simulated.tuning.proposals for text in (*p.phrasings, *(g.ask for g in p.guards))]
    assert len(words) == len(set(words))


def test_numbers_add_up(simulated: Simulated) -> None:
    tuning = simulated.tuning
    asked = sum(event.name is Happened.QUESTION_ASKED for event in simulated.events)
    assert tuning.questions == asked == sum(tuning.by_lang.values())
    assert tuning.poor <= asked
    for proposal in tuning.proposals:
        if proposal.proof:
            month = proposal.proof.replayed
            assert sum(month.before) == sum(month.after) == month.asked
            assert sum(move.questions for move in month.moves) == month.changes
            gained = sum(m.questions for m in month.moves if m.after == "答え") - month.lost_and_gained[0]
            assert month.after[0] - month.before[0] == gained
            assert proposal.proof.guarded.asked == len(simulated.guards)


def test_all_recommended_together_do_no_harm(simulated: Simulated) -> None:
    together = simulated.tuning.together
    assert together is not None
    assert together.replayed.whole
    assert together.replayed.asked == simulated.tuning.questions
    assert not together.guarded.lost
    assert together.guarded.mistakes[1] <= together.guarded.mistakes[0]


def test_a_bad_change_shows_its_harm(simulated: Simulated) -> None:
    searched = simulated.searched
    bench = Bench(searched.knowledge, searched.table, searched.fitted, NOW.date())
    bench.guard(simulated.guards)
    stolen = tuple(question.ask for question in simulated.guards[::10])  # what others are asked by, given to one
    proof, _ = bench.proof(Change({"tax-ev": stolen}, {}))
    assert proof.guarded.lost
    assert all(case.before != case.after for case in proof.guarded.lost)
    (good, *_) = found(simulated, Way.PHRASING, UNSEEN[0])
    reasons = "".join(against(good.model_copy(update={"proof": proof}), proof, sure=True))
    assert "取りこぼす" in reasons


def test_answers_that_go_away_are_few_and_told() -> None:
    def proof(gained: int, *lost: tuple[str, int]) -> Proof:
        moves = [Move(before="候補", after="答え", questions=gained)]
        moves += [Move(before="答え", after=after, questions=questions) for after, questions in lost]
        month = {"asked": 90, "different": 90, "whole": True, "before": (0, 0, 0), "after": (0, 0, 0)}
        return Proof(
            guarded=Guarded(asked=9, wrong=(1, 1), out_of_scope=(0, 0)),
            replayed=Replayed.model_validate({**month, "changes": 9, "moves": moves}),
        )

    few = proof(20, ("候補", 2))
    assert not few.harm
    assert "答え→候補 2件" in few.effects
    for many in (proof(19, ("候補", 2)), proof(20, ("候補", 2), ("別の答え", 1)), proof(0, ("答えなし", 1))):
        assert "いまの直接の答えが" in "".join(many.harm)


def test_all_together_is_what_is_in_the_list(simulated: Simulated) -> None:
    """Two entries that are too alike take a place in it: what they push out is in no figure."""
    tuning = tune(simulated.events, {"ja": simulated.searched}, simulated.guards, Wanted(OCTOBER, NOW, 2))
    pair, good = tuning.proposals
    assert (pair.way, good.recommended) == (Way.ALIKE, True)
    assert tuning.together == good.proof


def test_the_same_month_gives_the_same_proposals(simulated: Simulated) -> None:
    again = tune(simulated.events, {"ja": simulated.searched}, simulated.guards, Wanted(OCTOBER, NOW, 3))
    assert again.proposals == simulated.tuning.proposals[:3]


def test_a_month_with_no_data(simulated: Simulated) -> None:
    tuning = tune([], {"ja": simulated.searched}, simulated.guards, Wanted(Period.read_month("2026-02"), NOW))
    assert (tuning.questions, tuning.poor, tuning.proposals, tuning.together) == (0, 0, (), None)
    assert not tuning.unfinished


def test_half_a_month_is_marked(simulated: Simulated) -> None:
    in_november = Wanted(Period.read_month("2026-11"), NOW)
    assert tune([], {"ja": simulated.searched}, (), in_november).unfinished


def test_broken_rows_do_no_harm(simulated: Simulated) -> None:
    at = NOW - dt.timedelta(days=30)
    odd: list[dict[str, object]] = [
        {}, {"text": None}, {"text": 5}, {"text": ""}, {"text": "   "}, {"text": "？？？", "reply": "fallback"},
        {"text": "x" * 5000, "reply": "fallback", "lang": 7}, {"text": "a", "reply": "choices", "matches": "no"},
        {"text": "税", "lang": "xx", "reply": "fallback", "matches": [["a"], [1, 2], ["b", None]]},
    ]  # fmt: skip
    events = [Event(name, at, f"c{i}", facts) for i, facts in enumerate(odd) for name in Happened]
    tuning = tune(events, {"ja": simulated.searched}, (), Wanted(OCTOBER, NOW))
    assert tuning.questions == 4
    assert not any(proposal.recommended for proposal in tuning.proposals)


@pytest.mark.slow
def test_ten_thousand_different_questions_about_one_thing(simulated: Simulated) -> None:
    openings = (
        "", "すみません、", "あの、", "ちょっと、", "教えて、",
        "急ぎで、", "はじめまして、", "質問です。", "ねえ、", "たぶん、",
    )  # fmt: skip
    cars = (
        "リースの車", "借りてるリース車", "カーリースの車", "リースしてる車", "会社のリース車",
        "リース契約の車", "リース中の車", "リースカー", "リース物件の車", "うちのリース車",
    )  # fmt: skip
    papers = (
        "税金の紙", "税の通知", "自動車税の封筒", "税金のお知らせ", "納税の紙",
        "税の紙", "車の税の手紙", "自動車税の紙", "税金の封筒", "税の書類",
    )  # fmt: skip
    ends = (
        "は誰に来る", "はどこに届く", "は誰あて", "は私に来ますか", "は会社に行くの",
        "の届け先", "はどっちに来る", "は誰が受け取る", "はうちに来るのか", "の送り先は",
    )  # fmt: skip
    texts = [f"{a}{b}の{c}{d}" for a in openings for b in cars for c in papers for d in ends]
    assert len(set(texts)) == 10_000
    matches = [["notice-lease-car", 0.4], ["notice-when", 0.2]]
    events: list[Event] = []
    for i, text in enumerate(texts):
        at, facts = NOW - dt.timedelta(days=30), {"text": text, "reply": "choices", "lang": "ja", "matches": matches}
        events.append(Event(Happened.QUESTION_ASKED, at, f"c{i}", facts))
        chosen = {"kind": "entry", "id": "notice-lease-car"}
        events += [Event(Happened.CHOICE_MADE, at, f"c{i}", dict[str, object](chosen))] if i % 7 == 0 else []
    tuning = tune(events, {"ja": simulated.searched}, simulated.guards, Wanted(OCTOBER, NOW, 3))
    first = tuning.proposals[0]
    assert first.target == "notice-lease-car"
    assert first.different >= 0.8 * tuning.poor
    assert 1 <= len(first.phrasings) <= 3
    assert first.proof is not None
    assert first.proof.replayed.lost_and_gained[1] > 100
    assert len(tuning.model_dump_json()) < 100_000
