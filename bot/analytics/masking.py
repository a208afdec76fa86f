"""Take personal data out of residents' words before anything is stored. Better one mark too many than a name kept.

Found by their shape: numbers, addresses with a house number, e-mail. Names have no shape: they are found after set
phrases ("my name is …", in the languages that are served) and, alone, where they begin with a frequent family name.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 2000  # letters; a message has 500

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−⁃─━﹘"), "-")  # NFKC leaves them as they are
_AS_TYPED = {**_INVISIBLE, **_DASHES}

_DASH = "[-ー〜~_]"
_GAP = rf"(?:\s?{_DASH}\s?|[\s.])?"
_JOIN = rf"(?:{_DASH}|[\s.,()の・/]){{0,3}}"
_KANJI, _KANA = "[一-龥々]", "[一-龥々ぁ-んァ-ヶー]"
_DIGIT = "[0-9〇零一二三四五六七八九]"
_NUMERAL = "[0-9〇零一二三四五六七八九十百]+"
_DATE = (
    rf"(?:(?:明治|大正|昭和|平成|令和|[MTSHR])\s?(?:元|{_NUMERAL})|\d{{4}})[年/.-]\s?{_NUMERAL}[月/.-]\s?{_NUMERAL}日?"
)
_SERVICE = r"0(?:120|570|800)"  # such numbers belong to nobody: the call centre's is 0570-012-229

_AT = r"\s?(?:@|\(at\)|\[at\]|アットマーク|あっとまーく|アット|あっと)\s?"
_DOT = r"(?:\.|\s?(?:\(dot\)|\[dot\]|ドット|どっと)\s?)"

_PLATE_KANA = "(?:[あ-んア-ンABEHKMTY]|[a-z]{2,3}(?![a-z]))"
_PLATE_AREA = (
    "(?:大宮|浦和|さいたま|川口|所沢|川越|熊谷|春日部|越谷|品川|練馬|足立|八王子|多摩|世田谷|杉並|板橋|江東|葛飾|横浜|川崎"
    "|湘南|相模|千葉|成田|習志野|袖ヶ浦|野田|柏|松戸|船橋|市川|市原|水戸|土浦|つくば|宇都宮|那須|とちぎ|群馬|高崎|前橋)"
)
_PLATE_NUMBER = (
    rf"(?:{_DIGIT}{{1,2}}{_DASH}{_DIGIT}{{2}}|\d{{2}}\s\d{{2}}|[・.…\s]{{0,4}}{_DIGIT}{{1,4}})(?![\d年月日円台%])"
)

_HOUSE = (
    rf"(?:{_NUMERAL}丁目(?:{_NUMERAL}(?:番地?|{_DASH})?)*号?|{_NUMERAL}(?:{_DASH}{_NUMERAL})+|{_NUMERAL}(?:の{_NUMERAL}){{2,}}"
    rf"|{_NUMERAL}番(?:地|{_NUMERAL}号?))(?:(?:{_DASH}|の)\d+)*"
    rf"(?:\s?\d+号室?|\s?[ァ-ヶー]{{2,12}}{_KANJI}{{0,6}}\s?\d{{1,4}}号?室?(?![\d年月日円台件回人枚]))?"
)

_FAMILY_NAMES = (
    "(?:佐藤|鈴木|高橋|田中|伊藤|渡辺|渡邊|渡邉|山本|中村|小林|加藤|吉田|山田|佐々木|松本|井上|木村|清水|山崎|池田|阿部|橋本"
    "|山下|中島|前田|藤田|小川|後藤|岡田|長谷川|村上|近藤|石井|坂本|遠藤|青木|藤井|西村|福田|太田|三浦|藤原|岡本|松田|中川"
    "|中野|原田|小野|田村|竹内|金子|和田|中山|石田|上田|森田|酒井|柴田|宮本|内田|高木|安藤|谷口|大野|丸山|今井|高田|藤本"
    "|武田|村田|上野|杉山|増田|平野|大塚|新井|関根|飯島|島田|野口|斎藤|斉藤|齋藤|齊藤|工藤|菅原|松井|松尾|野村|菊地|菊池)"
)
_NO_GIVEN_NAME = "[市町村区県都府郡税署役所支店駅局社車業商会館院校寺橋台線通川山町様殿氏]"  # of places and firms
_GIVEN_NAME = rf"(?:(?!{_NO_GIVEN_NAME}){_KANJI}){{1,3}}"
_NOBODY = (
    "(?!家族|夫|妻|父|母|息子|娘|兄|弟|姉|妹|本人|会社|法人|個人|私|自分|主人|両親|祖父|祖母|子|誰|だれ|どな|何|別|同じ|所有|使用"
    "|販売|ディーラー|ローン|信販|リース|県|市|住所|電話|年齢|変更|必要|不|違|一文字|結婚|前の|旧|新)"
)
_JAPANESE_NAME = rf"{_NOBODY}(?:[一-龥々ァ-ヶー]{{2,6}}\s?(?:{_KANJI}{{1,3}}|[ァ-ヶー]{{2,8}}|[ぁ-ん]{{2,3}})?|[A-Za-z]+(?:\s[A-Za-z]+){{0,3}})"
_FOREIGN_NAME = (
    r"(?!(?:on|in|not|the|a|still|written|wrong|correct|incorrect|spelled|misspelled|different|changed|el|la|los|un|una|por"
    r"|desde|para|errado|incorrecto)\b)"
    r"(?:(?-i:[^\W\d_a-z][\w'’-]*)(?:\s(?-i:[^\W\d_a-z][\w'’-]*)){0,4}|[\w'’-]+(?:\s[\w'’-]+)?)"
)


def _one_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I)


_NUMBER = re.compile(r"[\d〇零一二三四五六七八九十百]")
_SAID = re.compile("申|もうし|といい|と言")

# The mark, what a text needs for the pattern to be tried at all (most texts have no number), and the pattern.
_PATTERNS: tuple[tuple[str, re.Pattern[str] | None, re.Pattern[str]], ...] = (
    ("〔メール〕", None, _one_of(
        rf"(?:(?<![A-Z0-9._%+-])[A-Z0-9._%+-]+|{_KANJI}{{1,6}}){_AT}[\w-]+(?:{_DOT}[A-Z0-9-]+)+",
    )),
    ("〔生年月日〕", _NUMBER, _one_of(
        rf"{_DATE}(?=\s?に?生)",
        rf"(?P<before>(?:生年月日|誕生日|date of birth|birthday|born)(?:は|が|:| on| is)?)\s?"
        rf"(?:{_DATE}|{_NUMERAL}月{_NUMERAL}日|\d{{1,2}}\s[a-z]+\s\d{{4}}|[a-z]+\s\d{{1,2}},?\s\d{{4}})",
    )),
    ("〔カード番号〕", _NUMBER, _one_of(
        rf"(?<!\d)(?:\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{1,4}}|\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}})(?!\d)",
    )),
    ("〔マイナンバー〕", _NUMBER, _one_of(
        rf"(?<!\d)\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)", r"(?<![\d-])\d{3}(?:-\d{3}){3}(?![\d-])",
    )),
    # Nine to eleven digits from a 0; without it after +81; any number after another country's code.
    ("〔電話番号〕", _NUMBER, _one_of(
        rf"(?<![\d.,])(?<!\d-)(?!\(?{_SERVICE})(?=(?:\D{{0,3}}\d){{9}})(?:(?:\+|00)81(?:{_JOIN}0)?{_JOIN}|\(?0)"
        rf"\d{{1,4}}{_JOIN}\d{{1,4}}{_JOIN}\d{{3,4}}(?!\d)",
        rf"\+\d(?:{_JOIN}\d){{7,14}}", rf"(?<![\d-])\d{{2,3}}{_DASH}\d{{3,4}}{_DASH}\d{{4}}(?!\d)",
    )),
    ("〔車台番号〕", _NUMBER, _one_of(
        rf"(?<![A-Z0-9-])(?:[A-Z][A-Z0-9]{{1,9}}{_DASH}\d{{5,7}}(?!\d)|(?=[A-Z]*\d)[A-HJ-NPR-Z0-9]{{17}}(?![A-Z0-9]))",
    )),
    ("〔番号〕", _NUMBER, _one_of(rf"[〇零一二三四五六七八九](?:{_JOIN}[〇零一二三四五六七八九]){{6,}}")),
    ("〔ナンバー〕", _NUMBER, _one_of(
        rf"[一-龥ぁ-ん]{{1,4}}\s?(?:[A-Z]?[1-9][0-9A-Z]{{1,2}}|[一二三四五六七八九]{_DIGIT}{{1,2}})\s?{_PLATE_KANA}\s?{_PLATE_NUMBER}",
        rf"{_PLATE_AREA}\s?[あ-んア-ン]\s?{_PLATE_NUMBER}",
        r"(?<![a-z])[a-z]{3,10}\s\d[0-9A-Z]{1,2}\s[a-z]{1,3}\s\d{1,2}-\d{2}(?!\d)",
        rf"(?P<before>(?:ナンバー|なんばー)(?:プレート)?(?:は|が|:)?|plate(?: is|:))\s?"
        rf"\d{{1,2}}{_DASH}?\d{{2}}(?![\d年円c])",
    )),
    ("〔郵便番号〕", _NUMBER, _one_of(
        rf"〒\s*\d{{3}}{_GAP}\d{{4}}", rf"(?<![\d-])\d{{3}}{_DASH}\d{{4}}(?!\d)",
    )),
    ("〔住所〕", _NUMBER, _one_of(
        rf"{_KANA}{{1,8}}[市区町村郡]{_KANA}{{1,14}}\s?{_HOUSE}",
        rf"{_KANJI}{{2,8}}(?<!令和)(?<!平成)(?<!昭和)\d{{1,3}}(?:{_DASH}\d{{1,4}}){{2}}(?!\d)",
        r"(?<![\d-])\d{1,3}-\d{1,3}-\d{1,3},?\s[a-z][a-z-]+(?:,\s?[a-z][a-z-]+)*",
        r"(?<![a-z])[a-z][a-z-]+,?\s\d{1,3}-\d{1,3}-\d{1,3}(?![\d-])(?:,\s?[a-z][a-z-]+)*",
    )),
    ("〔番号〕", _NUMBER, _one_of(
        rf"(?<![\d,])(?!{_SERVICE}\d{{6,7}}(?!\d))\d{{7,}}(?![\d円])",
        r"(?P<before>(?:手帳|免許証?|口座|通知書|整理|納付|確認|保険証|旅券|パスポート|在留カード)の?番号(?:は|:)?"
        r"\s?(?:第|普通|当座)?)\s?[A-Z]{0,2}\d[\d-]{3,}[A-Z]{0,2}",
    )),
    ("〔氏名〕", None, _one_of(
        rf"(?P<before>(?:名前|氏名|名義人?|納税者名?|納税義務者|宛名|あて名|契約者|所有者|使用者)(?:は|が))"
        rf"\s?{_JAPANESE_NAME}(?=\s?(?:(?<!の)です(?!か|が)|でございます|様|さま|さん|氏|と申し(?!込)|といい|と言))",
    )),
    ("〔氏名〕", None, _one_of(rf"(?P<before>(?:名前|氏名|名義人|納税者名|宛名):)\s?{_JAPANESE_NAME}")),
    ("〔氏名〕", _SAID, _one_of(
        rf"(?:{_KANJI}{{1,4}}\s?[一-龥々ぁ-ん]{{1,4}}|(?<![ぁ-ん])[ぁ-ん]{{2,8}})(?=と申し(?!込)|ともうし(?!こ))",
        rf"(?:{_KANJI}{{1,4}}(?:\s?{_KANJI}{{1,4}})?|[ァ-ヶー]{{2,10}}\s?[一-龥々ァ-ヶー]{{0,10}}|(?<![a-z])[a-z]+(?:\s[a-z]+)?)"
        r"(?=と申し(?!込)|ともうし(?!こ)|(?:といい|と言い)ます(?!か))",
    )),
    ("〔氏名〕", None, _one_of(
        rf"(?<!{_KANJI}){_FAMILY_NAMES}(?:\s?{_GIVEN_NAME})?(?=です(?!か)|でございます|様|さま|さん|殿|氏|名義)",
        rf"(?<!{_KANJI}){_FAMILY_NAMES}\s?(?:(?!{_NO_GIVEN_NAME}){_KANJI}){{2,3}}(?!{_KANJI})",
    )),
    ("〔氏名〕", None, _one_of(
        r"(?P<before>(?<![a-z])(?:my name(?: is|:|'s)|i(?: am|'m) called|me llamo|mi nombre es|meu nome é|(?:eu )?me chamo"
        rf"|tôi tên là|tên tôi là|tên của tôi là)\s){_FOREIGN_NAME}",
    )),
    ("〔氏名〕", None, _one_of(r"(?P<before>(?<![a-z])(?-i:I'm |I am ))(?-i:[A-Z][a-z]+ [A-Z][a-z]+)")),
    ("〔氏名〕", None, _one_of(
        r"(?P<before>我叫|我的名字是|我的名字叫|我姓)\s?[一-龥]{1,3}",
        r"(?<=이름은 )[가-힣]{2,5}(?=입니다|이고|이에요)", r"(?<=저는 )[가-힣]{2,5}(?=라고|이라고)",
    )),
)  # fmt: skip


def mask(text: str) -> str:
    """The text with e-mail addresses, dates of birth, card, My Number, telephone, chassis, plate, postal and other long
    numbers, addresses and names replaced by a mark. Width is folded first (NFKC), which may make a text longer; what is
    then over `LONGEST` is dropped, so that no text can keep the patterns busy."""
    text = unicodedata.normalize("NFKC", text)[:LONGEST].translate(_AS_TYPED)
    for mark, needed, pattern in _PATTERNS:
        if needed and not needed.search(text):
            continue
        text = pattern.sub(rf"\g<before>{mark}" if "before" in pattern.groupindex else mark, text)
    return text
