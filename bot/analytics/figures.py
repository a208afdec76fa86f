"""Every figure, defined once: the console, the report, the commands and `docs/数字の決まり.md` take them from here.

`python -m bot.analytics.figures` prints the tables of that document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.analytics.content import CONTENT_FIGURES, OWN, ContentFigure
from bot.analytics.summary import LONGEST, Summary, within

ANNEX_5 = "埼玉県仕様書 別紙5"
ANNEX_4 = "埼玉県仕様書 別紙4 項番5②"
USE = "埼玉県仕様書 5(1)ウ(エ)"
IVR = "埼玉県仕様書 5(2)ア(カ)"
CHIBA = "千葉市仕様書 納付推進センターの応答率"
CHIBA_DAILY = "千葉市仕様書 日報（外国人対応件数）"
KAWAGOE = "川越市仕様書 月次の報告"

Value = Callable[[Summary], float | None]


@dataclass(frozen=True)
class Figure:
    """One figure. `unit`: 件, %, 秒, ミリ秒. `value` gives a share as 0–1, None where there is nothing to divide by."""

    id: str
    title: str
    unit: str
    group: str
    formula: str
    source: str
    value: Value


def _sum(*keys: str) -> Value:
    return lambda summary: sum(summary.total(key) for key in keys)


def _row(table: str, key: str) -> Value:
    return lambda summary: summary.table(table).get(key, 0)


def _foreign(table: str) -> Value:
    return lambda summary: sum(n for lang, n in summary.table(table).items() if not lang.startswith("ja") and lang)


def _by(part: str | Value, *whole: str) -> Value:
    """One count by another."""
    upper = _sum(part) if isinstance(part, str) else part

    def value(summary: Summary) -> float | None:
        divisor = _sum(*whole)(summary)
        return (upper(summary) or 0) / divisor if divisor else None

    return value


def _chat(id_: str, title: str, unit: str, formula: str, source: str, value: Value | None = None) -> Figure:
    return Figure(id_, title, unit, "チャット", formula, source, value or _sum(id_))


def _call(id_: str, title: str, unit: str, formula: str, source: str, value: Value | None = None) -> Figure:
    return Figure(id_, title, unit, "電話", formula, source, value or _sum(id_))


CHAT: tuple[Figure, ...] = (
    _chat("conversations", "会話", "件", "チャットが開かれ、会話が始まった数", USE),
    _chat("conversations_used", "利用のあった会話", "件", "会話のうち、質問か選択が1回以上あったもの", USE),
    _chat("questions", "質問", "件", "文字で書かれた質問の数。あいさつなどの「雑談」は入れない。ボタンの選択も入れない", USE),
    _chat("small_talk", "雑談", "件", "あいさつ、お礼、「もう一度」「人と話したい」など、FAQ の質問ではない言葉の数", OWN),
    _chat("choices_made", "選択", "件", "話題・候補・FAQ などのボタンを押した数（番号や見出しを書いて選んだものも入れる）", USE),
    _chat("answers", "見せた答え", "件", "答えとして見せた FAQ の数。質問への答えと、選択への答えの合計。1回に2つ見せたら2件", USE),
    _chat("answered", "答えた質問", "件", "質問のうち、すぐに答えを見せたもの", USE),
    _chat("choices", "候補を出した質問", "件", "質問のうち、いくつかの候補から選んでもらったもの", USE),
    _chat("fallback", "答えられなかった質問", "件", "質問のうち、答えも候補も出せなかったもの", USE),
    _chat("answered_rate", "回答率", "%", "答えた質問 ÷ 質問", USE, _by("answered", "questions")),
    _chat("choices_rate", "候補の率", "%", "候補を出した質問 ÷ 質問", USE, _by("choices", "questions")),
    _chat("fallback_rate", "無回答率", "%", "答えられなかった質問 ÷ 質問", USE, _by("fallback", "questions")),
    _chat("out_of_scope", "案内の範囲の外", "件", "ほかの税や制度の質問とみて、答えなかった数", OWN),
    _chat("out_of_scope_share", "範囲の外の割合", "%", "案内の範囲の外 ÷ 質問", OWN, _by("out_of_scope", "questions")),
    _chat("none_of_these", "候補に当てはまらない", "件", "候補を出したが「この中にない」が選ばれた数", OWN),
    _chat("helpful", "役に立った", "件", "答えの下の「役に立った」が押された数", OWN),
    _chat("unhelpful", "役に立たなかった", "件", "答えの下の「役に立たなかった」が押された数", OWN),
    _chat("helpful_rate", "役に立った率（評価）", "%", "役に立った ÷（役に立った ＋ 役に立たなかった）", OWN, _by("helpful", "helpful", "unhelpful")),
    _chat("rated_share", "評価された割合", "%", "（役に立った ＋ 役に立たなかった）÷ 見せた答え", OWN, _by(_sum("helpful", "unhelpful"), "answers")),
    _chat("resolved", "解決した会話（行動）", "件", "利用のあった会話のうち、答え・候補・「答えられません」の中で最後に見せたものが答えで、その答えに「役に立たなかった」が付かず、そのあとに人を求める言葉がなかったもの", OWN),
    _chat("unresolved", "解決していない会話", "件", "利用のあった会話 − 解決した会話（行動）", OWN),
    _chat("resolved_rate", "解決率（行動）", "%", "解決した会話（行動）÷ 利用のあった会話", OWN, _by("resolved", "conversations_used")),
    _chat("handed_over", "電話・窓口を案内した会話", "件", "人と話したい・苦情・急ぎの言葉があったか、続けて3回答えられず電話を案内した会話の数。解決した会話に入ることもある", OWN),
    _chat("handed_over_share", "電話・窓口を案内した割合", "%", "電話・窓口を案内した会話 ÷ 利用のあった会話", OWN, _by("handed_over", "conversations_used")),
    _chat("questions_foreign", "外国語の質問", "件", "質問のうち、日本語でないもの（対応していない言語も入れる）", CHIBA_DAILY, _foreign("questions_by_language")),
    _chat("foreign_share", "外国語の割合", "%", "外国語の質問 ÷ 質問", CHIBA_DAILY, _by(_foreign("questions_by_language"), "questions")),
    _chat("unsupported_language", "対応していない言語の質問", "件", "質問のうち、対応している言語のどれでも書かれていないもの", OWN),
    _chat("turn_ms_mean", "応答時間の平均", "ミリ秒", "質問か選択を受け取ってから返事ができるまでの時間の合計 ÷ その回数", OWN, _by("turn_ms_sum", "turn_ms_count")),
    _chat("turn_ms_p95", "応答時間（95%）", "ミリ秒", "返事の95%がこの時間までにできた。時間を23の区間に分けて数え、区間の中は均等とみて求める", OWN, lambda summary: within(summary.table("turn_ms"), 0.95)),
)  # fmt: skip

CALLS: tuple[Figure, ...] = (
    _call("calls_received", "着信（5秒以内も入れる）", "件", "受けた電話のうち、もう終わったもの。試しの電話は入れない", IVR),
    _call("calls_cut_short", "5秒以内に切れた着信", "件", "受けてから終わるまでが5秒以内の着信", ANNEX_5),
    _call("calls_counted", "着信総数", "件", "着信（5秒以内も入れる）− 5秒以内に切れた着信", ANNEX_5),
    _call("calls_office_hours", "開庁時間内の着信", "件", "着信総数のうち、開庁時間に受けたもの（混雑案内を流したものも入れる）", IVR),
    _call("calls_after_hours", "時間外の着信", "件", "着信総数 − 開庁時間内の着信（臨時の休業日と緊急案内も、ここに入る）", IVR),
    _call("calls_emergency", "緊急案内を流した着信", "件", "着信総数のうち、緊急案内が入っているあいだに受けたもの", IVR, _row("calls_by_situation", "emergency")),
    _call("calls_overflow", "混雑案内を流した着信", "件", "着信総数のうち、混み合っていて混雑案内から始まったもの", IVR, _row("calls_by_situation", "overflow")),
    _call("calls_refused", "受けられなかった電話", "件", "話し中・準備中で、受けずに断った電話。着信には入れない", OWN),
    _call("topics_chosen", "話題の選択", "件", "着信総数の電話で、番号か声で話題が選ばれた数。1本の電話で何回でも数える", IVR),
    _call("topics_begun", "話題の案内", "件", "話題か FAQ の案内を流し始めた数", OWN),
    _call("topics_heard", "聞き終えた案内", "件", "話題の案内のうち、最後まで流れたもの", IVR),
    _call("heard_rate", "聞き終え率", "%", "聞き終えた案内 ÷ 話題の案内", IVR, _by("topics_heard", "topics_begun")),
    _call("nothing_pressed", "無操作", "件", "番号を待つあいだに何も押されなかった数", IVR),
    _call("wrong_keys", "誤操作", "件", "意味のない番号が押された数", IVR),
    _call("questions_spoken", "声の質問", "件", "電話で、声で質問された数", OWN),
    _call("hung_up_midway", "途中切断", "件", "着信総数のうち、案内を1つも聞き終えず、人にもつながらないうちに利用者が切ったもの", IVR),
    _call("queued", "待ち呼", "件", "人につながるのを待つ列に入った数", IVR),
    _call("queue_abandoned", "待ち呼の放棄", "件", "待つ列にいるうちに、利用者が切ったか通話が切れた数", KAWAGOE),
    _call("abandoned_rate", "放棄率", "%", "待ち呼の放棄 ÷ 待ち呼", KAWAGOE, _by("queue_abandoned", "queued")),
    _call("queue_seconds_mean", "待ち時間の平均", "秒", "待つ列にいた時間の合計 ÷ 列を離れた数", IVR, _by("queue_seconds", "queue_left")),
    _call("queue_seconds_longest", "待ち時間の最長", "秒", "待つ列にいた時間のうち、いちばん長いもの", IVR, lambda summary: summary.table(LONGEST).get("queue_seconds")),
    _call("transferred", "人につないだ数", "件", "着信総数の電話で、人につながった数", KAWAGOE),
    _call("transfer_failed", "つながらなかった転送", "件", "人につなごうとして、つながらなかった数。待つ列での試みも数える", KAWAGOE),
    _call("calls_person", "人が応答した着信", "件", "開庁時間内の着信のうち、人につながったもの", ANNEX_5),
    _call("calls_guided", "音声が応答した着信", "件", "着信総数のうち、音声の案内が始まったもの。混雑案内から始まったものと、人が応答した着信は入れない", CHIBA),
    _call("answer_rate_saitama", "応答率（埼玉県）", "%", "人が応答した着信 ÷ 開庁時間内の着信", ANNEX_5, _by("calls_person", "calls_office_hours")),
    _call("answer_rate_chiba", "応答率（千葉市）", "%", "（人が応答した着信 ＋ 音声が応答した着信）÷ 着信総数", CHIBA, _by(_sum("calls_person", "calls_guided"), "calls_counted")),
    _call("call_seconds_mean", "通話時間の平均", "秒", "応答してから終わるまでの時間の合計 ÷ 着信総数", ANNEX_4, _by("call_seconds", "calls_counted")),
    _call("calls_foreign", "外国語の着信", "件", "着信総数のうち、日本語でない案内が流れたもの", CHIBA_DAILY),
)  # fmt: skip

FIGURES: tuple[Figure, ...] = (*CHAT, *CALLS)
_BY_ID = {figure.id: figure for figure in FIGURES}


def figure(id_: str) -> Figure:
    """The figure of this id. Raises KeyError."""
    return _BY_ID[id_]


def values(summary: Summary, figures: Sequence[Figure] = FIGURES) -> dict[str, float | None]:
    """The figures of a summary by id, shares rounded to four places, for `--json` and downloads."""
    found = {each.id: each.value(summary) for each in figures}
    return {id_: round(value, 4) if isinstance(value, float) else value for id_, value in found.items()}


def tables() -> Iterator[str]:
    """The lines of the tables of `docs/数字の決まり.md`: one table a group."""
    figures: tuple[Figure | ContentFigure, ...] = (*FIGURES, *CONTENT_FIGURES)
    for group in dict.fromkeys(each.group for each in figures):
        yield from (f"### {group}", "", "| 数字 | 単位 | 求め方 | もとになる決まり | id |", "|---|---|---|---|---|")
        for each in figures:
            if each.group == group:
                yield f"| {each.title} | {each.unit} | {each.formula} | {each.source} | `{each.id}` |"
        yield ""


if __name__ == "__main__":
    print("\n".join(tables()))  # noqa: T201 - this is what it is for
