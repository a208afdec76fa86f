"""Seven languages and plain Japanese: found, switched and used by people who can't read Japanese."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Locator, Page, Route, expect

from bot.knowledge.chinese import converted
from bot.knowledge.loader import load
from bot.knowledge.translations import fingerprint

from .chat import TAG, Chat, is_focused
from .conftest import OpenPage
from .service import ROOT, Service
from .test_states import resize, settle, sticking_out, take_picture, violations
from .watch import Watch

LOCALES = ROOT / "web_widget/locales"
NAMES = {
    "ja": "日本語", "en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ko": "한국어", "es": "Español",
    "vi": "Tiếng Việt", "pt": "Português",
}  # fmt: skip
FOREIGN = [lang for lang in NAMES if lang != "ja"]
RED_LETTER = {  # 「赤い手紙が来ました。どうすればよいですか」
    "en": "I got a red letter. What should I do?",
    "zh-Hans": "收到了红色的信，怎么办？",
    "zh-Hant": "收到了紅色的信，怎麼辦？",
    "ko": "빨간 편지를 받았어요. 어떻게 하나요?",
    "es": "Recibí una carta roja. ¿Qué hago?",
    "vi": "Tôi nhận được thư màu đỏ. Tôi phải làm gì?",
    "pt": "Recebi uma carta vermelha. O que eu faço?",
}
LOST, LOST_ANSWER = "納付書をなくしました", "電話の前に、車のナンバーが分かるもの"
EASY = "電話を すると、新しい 納付書を おくります。"
TAGS = {
    "": "ja", "ja-JP": "ja", "zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-TW": "zh-Hant", "zh-Hant-HK": "zh-Hant",
    "pt-BR": "pt", "EN-gb": "en", "es-419": "es", "tl": "en", "fr": "en",
}  # fmt: skip
KANA = re.compile(r"[ぁ-ヺ]")
BRACKETED = re.compile(r"[（(][^）)]*[）)]")  # Japanese names stand in brackets, to be shown at a counter


@cache
def words(lang: str) -> dict[str, str]:
    """The words of a locale file."""
    return dict(re.findall(r'^  (\w+): "(.*)",$', (LOCALES / f"{lang}.js").read_text(encoding="utf-8"), re.M))


@cache
def translated(lang: str, file: str, id_: str) -> dict[str, str]:
    """A topic or an entry in a language."""
    if lang == "zh-Hant":
        return {name: converted(text) for name, text in translated("zh-Hans", file, id_).items() if name != "of"}
    found = yaml.safe_load((ROOT / f"faq/translations/{lang}/{file}.yaml").read_text(encoding="utf-8"))[id_]
    return {name: text for name, text in found.items() if isinstance(text, str)}


class Talk(Chat):
    """The widget in whichever language it is."""

    title = None

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.language = self.panel.get_by_role("button", name="Language", exact=True)
        self.names = self.panel.locator("#languages").get_by_role("button")

    def begin(self) -> Talk:
        """Opens it in the language of the page."""
        self.launcher.click()
        expect(self.choices.get_by_role("button")).to_have_count(11)
        return self

    def switch(self, lang: str) -> None:
        """One tap on the globe, one on the own name."""
        self.language.click()
        self.names.get_by_text(NAMES[lang], exact=True).click()
        self.speaks(lang)

    def speaks(self, lang: str) -> None:
        """Waits until all of the widget's own words are of a language."""
        expect(self.panel).to_have_attribute("lang", lang)
        expect(self.panel.get_by_role("heading", level=2)).to_have_text(words(lang)["title"])
        expect(self.panel.locator(".send")).to_have_text(words(lang)["send"])
        expect(self.question).to_have_attribute("placeholder", words(lang)["placeholder"])

    def send(self, text: str) -> None:
        """Types and presses Enter, so that the focus stays in the field."""
        self.question.fill(text)
        self.question.press("Enter")

    def tool_named(self, lang: str, word: str) -> Locator:
        """A button of the row below the title, by the name of its word."""
        group = self.panel.get_by_role("group", name=words(lang)["tools"], exact=True)
        return group.get_by_role("button", name=words(lang)[word], exact=True)

    def last(self) -> Locator:
        """What was replied last."""
        return self.log.locator("> ol > li.bot").last


@pytest.mark.parametrize("lang", FOREIGN)
def test_a_locale_says_everything(lang: str) -> None:
    """Every word, with the same places to fill in; the list of sizes is not a sentence."""
    assert list(words(lang)) == list(words("ja"))
    for name, word in words(lang).items():
        assert word.strip(), name
        assert sorted(re.findall(r"\{\w+\}", word)) == sorted(re.findall(r"\{\w+\}", words("ja")[name])), name
    assert len(re.findall(r'"[^"]+"', re.findall(r"sizes: \[(.*)\]", (LOCALES / f"{lang}.js").read_text())[0])) == 3


def test_the_languages_are_those_of_the_server(open_page: OpenPage) -> None:
    page = open_page()
    found = page.evaluate(
        """async (tags) => { const { languages, nearest } = await import("/locales/languages.js");
             return [languages, Object.fromEntries(tags.map((tag) => [tag, nearest(tag)]))] }""",
        list(TAGS),
    )
    assert found == [NAMES, TAGS]


@pytest.mark.parametrize("lang", FOREIGN)
def test_a_red_letter_by_typing(open_page: OpenPage, lang: str) -> None:
    """From a Japanese page to the answer, without reading Japanese."""
    talk = Talk(open_page()).begin()
    talk.switch(lang)
    expect(talk.choices.get_by_role("button")).to_have_count(11)
    talk.send(RED_LETTER[lang])
    _reads_about_the_reminder(talk, lang)


@pytest.mark.parametrize("lang", FOREIGN)
def test_a_red_letter_by_the_menu(open_page: OpenPage, lang: str) -> None:
    talk = Talk(open_page()).begin()
    talk.switch(lang)
    talk.button(translated(lang, "topics", "reminder")["title"]).click()
    talk.button(translated(lang, "reminder", "reminder-received")["question"]).click()
    _reads_about_the_reminder(talk, lang)


def _reads_about_the_reminder(talk: Talk, lang: str) -> None:
    title = translated(lang, "reminder", "reminder-received")["question"]
    offered = talk.choices.get_by_role("button", name=title, exact=True)
    answer = talk.last().locator(".answer").get_by_role("heading", name=title, exact=True)
    expect(offered.or_(answer).first).to_be_visible()
    if not answer.is_visible():
        offered.click()
    expect(answer).to_be_visible()
    expect(talk.last().locator(".answer > [lang]:not(.easy)")).to_have_attribute("lang", lang)
    talk.speaks(lang)
    for part in (talk.last(), talk.choices, talk.panel.locator(".top"), talk.panel.locator(".foot")):
        text = BRACKETED.sub("", part.inner_text())
        assert not KANA.search(text), text
    talk.last().get_by_role("button", name=words(lang)["yes"], exact=True).click()
    expect(talk.last()).to_contain_text(words(lang)["rated"])


def test_there_and_back_again(open_page: OpenPage, watch: Watch) -> None:
    """The last answer comes again in the other language; the conversation goes on, here and on the server."""
    talk = Talk(open_page()).begin()
    talk.send(LOST)
    talk.says(LOST_ANSWER)
    talk.question.fill("書きかけ")
    for lang in ("en", "ja", "en"):
        talk.switch(lang)
        expect(talk.lines.nth(-2)).to_contain_text(NAMES[lang])
        expect(talk.last().locator(".answer > [lang]:not(.easy)")).to_have_attribute("lang", lang)
        assert is_focused(talk.language)
        expect(talk.state.get_by_text(words(lang)["switched"])).to_have_count(1)
    expect(talk.question).to_have_value("書きかけ")
    expect(talk.lines).to_have_count(9)
    assert len(watch.posts("/conversations")) == 1
    expect(talk.launcher).to_have_text(words("en")["launcher"])
    talk.tool_named("en", "back").click()
    expect(talk.choices.get_by_role("button")).to_have_count(11)


def test_the_list_is_for_keyboard_and_screen_reader(open_page: OpenPage) -> None:
    page = open_page()
    talk = Talk(page).begin()
    expect(talk.language).to_have_attribute("aria-expanded", "false")
    expect(talk.language).to_have_attribute("aria-controls", "languages")
    talk.language.focus()
    page.keyboard.press("Enter")
    expect(talk.language).to_have_attribute("aria-expanded", "true")
    shown = {name.get_attribute("lang"): name.text_content() for name in talk.names.all()}
    assert shown.items() <= NAMES.items()
    assert len(shown) > 1
    expect(talk.panel.locator("#languages [aria-current]")).to_have_text("日本語")
    page.keyboard.press("Tab")
    assert is_focused(talk.names.first)
    talk.tab_to(talk.panel.locator(".close"))
    expect(talk.language).to_have_attribute("aria-expanded", "false")  # or it would cover what comes next
    talk.language.click()
    talk.names.first.focus()
    page.keyboard.press("Escape")
    assert is_focused(talk.language)
    expect(talk.language).to_have_attribute("aria-expanded", "false")
    expect(talk.panel).to_be_visible()
    talk.tool("メニュー").click()
    expect(talk.panel.locator("#drawer")).not_to_contain_text("English")


@pytest.mark.parametrize(("tag", "lang"), [("en", "en"), ("zh-TW", "zh-Hant"), ("es-419", "es"), ("nl", "en")])
def test_the_language_of_the_page_comes_first(open_page: OpenPage, tag: str, lang: str, service: Service) -> None:
    page = open_page("/index.html")

    def foreign(route: Route) -> None:
        html = (ROOT / "web_widget/index.html").read_text(encoding="utf-8")
        route.fulfill(body=html.replace('lang="ja"', f'lang="{tag}"'), content_type="text/html; charset=utf-8")

    page.route(service.url + "/", foreign)
    page.goto(service.url)
    talk = Talk(page)
    expect(talk.launcher).to_have_text(words(lang)["launcher"])
    talk.begin().speaks(lang)
    expect(talk.lines.first.locator(".bubble")).to_have_attribute("lang", lang)


def test_the_widget_follows_what_is_typed(open_page: OpenPage) -> None:
    page = open_page()
    talk = Talk(page).begin()
    talk.send("hello")
    expect(talk.lines).to_have_count(3)
    talk.speaks("ja")  # one foreign word is none
    talk.send(RED_LETTER["en"])
    talk.speaks("en")
    expect(talk.last().locator(".answer > [lang]:not(.easy)")).to_have_attribute("lang", "en")
    assert is_focused(talk.question)
    expect(talk.state.get_by_text(words("en")["switched"])).to_have_count(1)
    langs = [bubble.get_attribute("lang") for bubble in talk.lines.locator("> .bubble[lang]").all()]
    assert langs[0] == "ja"
    assert langs[-1] == "en"
    talk.send("車検")
    expect(talk.lines).to_have_count(7)
    talk.speaks("en")
    talk.send("納付書をなくしました。どうすればいいですか。")
    talk.speaks("ja")


def test_a_chosen_language_stays(open_page: OpenPage) -> None:
    talk = Talk(open_page()).begin()
    talk.switch("en")
    talk.send("納付書をなくしました。どうすればいいですか。")
    expect(talk.lines).to_have_count(5)
    talk.speaks("en")


def test_old_lines_are_not_read_aloud_again(open_page: OpenPage) -> None:
    talk = Talk(open_page()).begin()
    talk.switch("en")
    expect(talk.lines).to_have_count(3)
    expect(talk.lines.first).to_have_attribute("aria-live", "off")
    expect(talk.last()).not_to_have_attribute("aria-live", "off")


def test_a_reload_keeps_language_and_languages(open_page: OpenPage) -> None:
    page = open_page()
    talk = Talk(page).begin()
    talk.send(LOST)
    talk.says(LOST_ANSWER)
    talk.switch("en")
    expect(talk.lines).to_have_count(5)
    page.reload()
    expect(talk.panel).to_be_visible()
    talk.speaks("en")
    expect(talk.lines).to_have_count(5)
    expect(talk.lines.nth(0).locator(".bubble")).to_have_attribute("lang", "ja")
    expect(talk.lines.nth(1).locator(".bubble")).to_have_attribute("lang", "ja")
    expect(talk.lines.nth(2).locator(".answer > [lang]:not(.easy)")).to_have_attribute("lang", "ja")
    expect(talk.lines.nth(3).locator(".bubble")).to_have_text("English")
    expect(talk.lines.nth(4).locator(".answer > [lang]:not(.easy)")).to_have_attribute("lang", "en")


@pytest.mark.breaks_network
def test_the_widget_switches_although_the_server_is_away(open_page: OpenPage) -> None:
    page = open_page()
    talk = Talk(page).begin()
    page.route("**/choices", lambda route: route.abort())
    talk.switch("en")
    expect(talk.panel.get_by_text(words("en")["offline"]).first).to_be_visible()
    assert not KANA.search(BRACKETED.sub("", talk.panel.locator(".trouble").inner_text()))
    page.unroute("**/choices")
    talk.panel.get_by_role("button", name=words("en")["retryNow"]).click()
    expect(talk.lines).to_have_count(3)
    expect(talk.last().locator(".bubble")).to_have_attribute("lang", "en")


def test_a_sentence_a_line_in_the_telephone_card(open_page: OpenPage) -> None:
    """「8:30 a.m. to」 ends no sentence."""
    talk = Talk(open_page()).begin()
    talk.switch("en")
    talk.tool_named("en", "phone").click()
    lines = talk.panel.locator("#drawer .contact p:not(.heading)")
    expect(lines.first).to_have_text(re.compile(r"0570-012-229.*5:15 p\.m\.\)\.$"))
    expect(lines.nth(1)).to_have_text(re.compile(r"^It is (open|closed) now\.$"))


def test_brackets_and_joints_follow_the_language(open_page: OpenPage) -> None:
    talk = Talk(open_page()).begin()
    talk.switch("en")
    talk.send("I lost my payment slip")
    expect(talk.last().locator(".host").first).to_have_text(re.compile(r"^www\.[\w.]+ \(Opens in a new tab\)$"))
    talk.send("a" * 501)
    expect(talk.state).to_contain_text("send it. Over the limit by 1.")
    talk.question.fill("")
    talk.switch("ja")
    expect(talk.last().locator(".host").first).to_have_text(re.compile(r"^www\.[\w.]+（新しいタブで開きます）$"))


def test_the_saved_conversation_is_dated_in_the_language(open_page: OpenPage) -> None:
    page = open_page()
    talk = Talk(page).begin()
    talk.switch("en")
    talk.tool_named("en", "menu").click()
    with page.expect_download() as download:
        talk.panel.get_by_role("button", name=words("en")["save"]).click()
    saved = download.value.path().read_text("utf-8-sig")
    assert re.search(r"Record of the chat on [A-Z][a-z]+ \d+, 20\d\d at \d+:\d\d [AP]M\.", saved)
    assert "English" in saved


@pytest.fixture
def easy_service(start_service: Callable[..., Service], tmp_path: Path) -> Service:
    """With one entry in plain Japanese, which has no current translation into English."""
    root = tmp_path / "content"
    for folder in ("faq", "nlu_data", "ivr_flows"):
        shutil.copytree(ROOT / folder, root / folder)
    (root / "web_widget").symlink_to(ROOT / "web_widget")
    knowledge = load(ROOT).knowledge
    assert knowledge
    entry = knowledge.entries["slip-lost"]
    easy = root / "faq/translations/ja-easy"
    shutil.rmtree(easy, ignore_errors=True)
    easy.mkdir()
    plain = {"of": fingerprint(entry), "question": "納付書を なくしました。", "answer": EASY, "links": {}}
    plain["links"] = {link.label: link.label for link in entry.links}
    text = yaml.safe_dump({"slip-lost": plain}, allow_unicode=True, sort_keys=False)
    (easy / "payment-slip.yaml").write_text(text, encoding="utf-8")
    english = root / "faq/translations/en/payment-slip.yaml"
    old = english.read_text(encoding="utf-8").replace(fingerprint(entry), "0" * 12)
    english.write_text(old, encoding="utf-8")
    return start_service(root=root)


def test_plain_japanese_is_one_tap_away(easy_service: Service, open_page: OpenPage) -> None:
    page = open_page(url=easy_service.url)
    talk = Talk(page).begin()
    talk.send(LOST)
    talk.says(LOST_ANSWER)
    plain = talk.last().get_by_role("button", name="やさしい日本語", exact=True)
    original = talk.last().get_by_role("button", name="もとの文", exact=True)
    expect(plain).to_have_attribute("aria-pressed", "false")
    plain.click()
    expect(talk.last()).to_contain_text(EASY)
    expect(talk.last()).not_to_contain_text(LOST_ANSWER)
    expect(plain).to_have_attribute("aria-pressed", "true")
    expect(original).to_have_attribute("aria-pressed", "false")
    assert is_focused(plain)
    talk.send(LOST)
    expect(talk.lines).to_have_count(5)
    expect(talk.last()).to_contain_text(EASY)  # remembered
    page.reload()
    expect(talk.last()).to_contain_text(EASY)
    original.click()
    expect(talk.last()).to_contain_text(LOST_ANSWER)


def test_without_a_translation_comes_plain_japanese(easy_service: Service, open_page: OpenPage) -> None:
    """With a sentence in the resident's language that says so, and the telephone."""
    talk = Talk(open_page(url=easy_service.url)).begin()
    talk.send(LOST)
    talk.says(LOST_ANSWER)
    talk.switch("en")
    expect(talk.last()).to_contain_text("This answer is only in Japanese for now.")
    expect(talk.last()).to_contain_text(EASY)
    expect(talk.last().locator(".answer > [lang]:not(.easy)")).to_have_attribute("lang", "ja")
    expect(talk.last().locator(".contact")).to_contain_text("0570-012-229")
    talk.switch("ja")
    expect(talk.last()).to_contain_text(LOST_ANSWER)


def test_an_answer_in_another_language_has_no_plain_japanese(easy_service: Service, open_page: OpenPage) -> None:
    talk = Talk(open_page(url=easy_service.url)).begin()
    talk.switch("es")
    talk.send(RED_LETTER["es"])
    expect(talk.last().locator(".answer")).to_have_count(1)
    expect(talk.panel.locator(".easy")).to_have_count(0)


SIZES = [(1280, 800), (400, 800), (320, 640), (640, 400), (320, 256)]  # the last two: 200 % and 400 % zoom


@pytest.mark.parametrize("lang", NAMES)
def test_it_is_accessible_and_in_one_piece(open_page: OpenPage, axe_source: str, lang: str) -> None:
    """Greeting, list of languages, answer and telephone in every language: axe, nothing sticks out, pictures."""
    page = open_page()
    talk = Talk(page).begin()
    if lang != "ja":
        talk.switch(lang)
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        settle(page)
        found[f"{state}: axe"] = violations(page, axe_source, inside=TAG)
        for size in SIZES:
            resize(page, size)
            take_picture(page, f"language-{lang}-{state}-{size[0]}x{size[1]}")
            found[f"{state} at {size}"] = sticking_out(page)
        resize(page, SIZES[0])

    look("greeting")
    talk.language.click()
    expect(talk.names.first).to_be_visible()
    look("languages")
    talk.language.click()
    talk.tool_named(lang, "phone").click()
    expect(talk.panel.locator("#drawer .contact")).to_be_visible()
    look("telephone")
    talk.send(RED_LETTER.get(lang, LOST))
    expect(talk.lines).to_have_count(5 if lang != "ja" else 3)
    look("answer")
    assert not {where: what for where, what in found.items() if what}
