"""Japanese names of what figures are divided by. A value that is not here is shown as it is (`name_of`)."""

from __future__ import annotations

from collections.abc import Mapping

SYNTHETIC = "合成データ（架空の利用）"
"""What was made up by `madoguchi demo`: to be said wherever it shows."""

HOURS = tuple(f"{hour:02}" for hour in range(24))
"""Keys of the tables `*_by_hour`."""

DOORS: Mapping[str, str] = {
    "widget": "チャット（ウェブ）",
    "rasa": "チャット（Rasa）",
    "sip": "電話（SIP）",
    "twiml": "電話（クラウド）",
    "browser": "試しの電話",
}

DEVICES: Mapping[str, str] = {
    "computer": "パソコン",
    "phone": "スマートフォン",
    "tablet": "タブレット",
    "": "わからない",
}

LANGUAGES: Mapping[str, str] = {
    "ja": "日本語",
    "en": "英語",
    "zh-Hans": "中国語（簡体字）",
    "zh-Hant": "中国語（繁体字）",
    "zh": "中国語",
    "ko": "韓国語",
    "es": "スペイン語",
    "vi": "ベトナム語",
    "pt": "ポルトガル語",
    "ja-easy": "やさしい日本語",
    "ne": "ネパール語など",  # told by its letters, which other languages have too
    "th": "タイ語",
    "ar": "アラビア語など",
    "ru": "ロシア語など",
    "my": "ミャンマー語",
    "si": "シンハラ語",
    "bn": "ベンガル語",
    "km": "クメール語",
    "he": "ヘブライ語",
    "el": "ギリシャ語",
    "tl": "フィリピノ語",
    "id": "インドネシア語",
    "ms": "マレー語",
    "fr": "フランス語",
    "de": "ドイツ語",
    "it": "イタリア語",
    "": "わからない",
}
"""Those that are served, and those that are told apart so that nobody gets a wrong one (bot/dialogue/language.py)."""

SITUATIONS: Mapping[str, str] = {
    "open": "開庁時間内",
    "overflow": "混雑案内",
    "after_hours": "時間外",
    "exception": "臨時の休業日",
    "emergency": "緊急案内",
}
"""The state of the calendar when a call was received."""

REPLIES: Mapping[str, str] = {"answer": "答えた", "choices": "候補を出した", "fallback": "答えられなかった"}

WHY: Mapping[str, str] = {
    "out_of_scope": "案内の範囲の外",
    "not_sure": "確信が持てない",
    "none_of_these": "候補に当てはまるものがない",
    "unsupported_language": "対応していない言語",
}
"""Why a question has no answer."""

OUTCOMES: Mapping[str, str] = {
    "resolved": "解決",
    "handed_over": "電話・窓口を案内",
    "unresolved": "解決していない",
    "unused": "使われなかった",
    "person": "担当者につながった",
    "heard": "案内を聞き終えた",
    "left": "途中で切れた",
    "short": "5秒以内に切れた",
    "going_on": "続いている",
}
"""How a conversation or a call ended: the first four are of conversations, the next four of calls."""


def name_of(names: Mapping[str, str], key: str) -> str:
    """The name, or the key itself (of a language: among others); 「わからない」 for an empty key without a name."""
    other = f"ほかの言語（{key}）" if names is LANGUAGES and key else key
    return names.get(key) or other or "わからない"
