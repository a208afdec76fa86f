"""What an editor should look at, worded for a non-programmer (Japanese; all findings at once, style.md 2).

The catalogue below is the one place where the words stand. `docs/編集者の手引き.md` explains every code;
a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """Errors stop publishing, notices never do."""

    ERROR = "エラー"
    NOTICE = "注意"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to look at: `path` relative to the content root, `line` from 1 (0: the file as a whole)."""

    path: str
    line: int
    code: str
    level: Level = field(compare=False)
    what: str
    fix: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.level.value} {self.code} {self.what}\n    直し方: {self.fix}"

    def as_dict(self) -> dict[str, str | int]:
        """The same as plain values, for `--json`."""
        return {
            "path": self.path,
            "line": self.line,
            "code": self.code,
            "level": "error" if self.level is Level.ERROR else "notice",
            "what": self.what,
            "fix": self.fix,
        }


E, N = Level.ERROR, Level.NOTICE

# code: (level, what was found, how to mend it)
CATALOGUE: dict[str, tuple[Level, str, str]] = {
    # -- files and YAML ----------------------------------------------------------------------------------------
    "YML001": (E, "文字コードが UTF-8 ではありません。", "エディターの「名前を付けて保存」で、文字コードに UTF-8 を選んでください。"),
    "YML002": (E, "ファイルが大きすぎます（{size} KB。上限は {limit} KB です）。", "1つのFAQに1つのファイルで書いてください。画像や表は入れられません。"),
    "YML003": (E, "「{key}」のあとのコロンが全角（：）です。", "半角のコロン（:）に変えて、そのあとに半角スペースを1つ入れてください。"),
    "YML004": (E, "行の先頭に全角スペースがあります。", "全角スペースを消して、半角スペースで字下げしてください。"),
    "YML005": (E, "行の先頭にタブがあります。", "タブを消して、半角スペース2つに変えてください。"),
    "YML006": (E, "箇条書きの印「{mark}」は使えません。", "半角のハイフンと半角スペース（- ）に変えてください。"),
    "YML007": (E, "「{key}:」のあとに半角スペースがありません。", "コロンのあとに半角スペースを1つ入れてください。例: 「{key}: {value}」"),
    "YML008": (E, "引用符（{mark}）が閉じていません。", "値の終わりにも同じ引用符（{mark}）を付けてください。"),
    "YML009": (E, "値の中に「: 」（コロンと半角スペース）があります。", "値の全体を \" で囲むか、「：」（全角）に変えてください。"),
    "YML010": (E, "この行のあたりを YAML として読めません。", "上の行と字下げをそろえ、「項目: 値」の形になっているか確かめてください。"),
    "YML011": (E, "「{key}」が2回書かれています。", "どちらか1つを消してください。"),
    "YML012": (E, "ファイルに中身がありません。", "中身を書くか、ファイルを消してください。"),
    "YML013": (E, "ファイルを開けません。", "ファイルがあるか、読む権限があるかを確かめてください。"),
    "YML014": (E, "「{key}:」のあとが全角スペースです。", "全角スペースを消して、半角スペースを1つ入れてください。"),
    "YML015": (E, "この行の波かっこか引用符が閉じていないか、「-」のあとに空白がありません。", "上や下の行と同じ形になっているか、くらべてください。"),
    # -- the shape of a file -----------------------------------------------------------------------------------
    "FAQ001": (E, "「{key}」がありません。", "「{key}: …」の行を足してください。"),
    "FAQ002": (E, "「{key}」という項目はありません。", "{hint}使える項目: {allowed}"),
    "FAQ003": (E, "「{key}」の値「{value}」は使えません。", "次のどれかにしてください: {allowed}"),
    "FAQ004": (E, "「{key}」が{length}文字あります（上限は{limit}文字です）。", "いちばん大事なことを先に書き、細かい説明は別のFAQかリンクに分けてください。"),
    "FAQ005": (E, "「{key}」が空です。", "値を書いてください。"),
    "FAQ006": (E, "「{key}」の日付「{value}」を読めません。", "「2026-04-01」の形で書いてください。"),
    "FAQ007": (E, "「{key}」の値「{value}」は、半角の小文字・数字・ハイフンだけで書きます。", "例: slip-lost"),
    "FAQ008": (E, "「{key}」の書き方がちがいます。{expected}を書くところです。", "ほかのFAQのファイルの同じ項目を見て、形をそろえてください。"),
    "FAQ009": (E, "リンクの「{value}」は「https://」で始まっていません。", "公式ページのアドレスを、ブラウザーの上の欄からコピーしてください。"),
    # -- entries among each other ------------------------------------------------------------------------------
    "FAQ010": (E, "id「{id}」がファイル名「{name}.yaml」とちがいます。", "ファイル名に合わせて「id: {name}」に直してください。新しいFAQでファイル名のほうが間違いなら、ファイル名を直します。"),
    "FAQ011": (E, "id「{id}」は {other} でも使われています。", "新しいFAQのほうに、まだ使われていない id を付けてください。"),
    "FAQ012": (E, "話題「{topic}」は topics.yaml にありません。", "{hint}使える話題: {allowed}"),
    "FAQ013": (E, "話題「{topic}」とフォルダー「{folder}」がちがいます。", "ファイルを faq/{topic}/ に移すか、topic を直してください。"),
    "FAQ014": (E, "「{key}」の「{id}」というFAQはありません。", "{hint}つづりを確かめるか、行を消してください。"),
    "FAQ015": (E, "「related」に自分自身（{id}）が入っています。", "その id を消してください。"),
    "FAQ016": (E, "このファイルは読まれません。置き場所か名前がちがいます。", "FAQは faq/話題/id.yaml、言い回しは nlu_data/ の .yml、検査の質問は tests/questions/話題.yaml に置いてください。"),
    "FAQ017": (E, "思いがけない理由で読めませんでした（{kind}）。", "最後に変えたファイルを元に戻してください。記録（ログ）を開発者に渡してください。"),
    "FAQ018": (E, "言葉の中の「{found}」は使えません。", "{{ }} の中は、もとの名前（{allowed}）のままにしてください。"),
    "FAQ019": (E, "FAQが1件もありません。", "faq/話題/id.yaml を1件以上置いてください。"),
    # -- what the words say ------------------------------------------------------------------------------------
    "FAQ020": (E, "certainty が「未」なのに、「{found}」と書かれています。", "確認できていない数字や日付は書けません。消して、コールセンターへの案内にしてください。"),
    "FAQ021": (E, "「voice」に、電話で読めない「{found}」があります。", "かっこ・URL・記号を使わず、話し言葉で書いてください。ページは「埼玉県 自動車税 で検索」と言います。"),
    "FAQ022": (E, "「answer」に、使えない書き方「{found}」があります。", "使えるのは、段落、- の箇条書き、**太字**、[文字](https://…) だけです。"),
    "FAQ023": (E, "valid の from（{start}）が until（{end}）よりあとです。", "日付を入れ替えるか、直してください。"),
    "FAQ024": (N, "公開の期間が {end} に終わっています。いまは答えに使われません。", "内容を確かめて until を延ばすか、ファイルを消してください。"),
    "FAQ025": (N, "公開の期間が {end} に終わります（あと{days}日）。", "次の期間の内容を用意してください。"),
    "FAQ026": (N, "まだ確認（reviewed）されていません。", "担当課が確認したら、reviewed に確認した日を書いてください。"),
    "FAQ027": (N, "1つの文が{length}文字あります（目安は60文字です）。", "「。」で2つに分けてください。「{sentence}…」"),
    "FAQ028": (N, "言い回しが{count}個しかありません（目安は{least}個です）。", "nlu_data/faq/{topic}.yml の「{id}」に、住民の言い方を足してください。"),
    # -- training data -----------------------------------------------------------------------------------------
    "NLU001": (E, "「faq/{id}」というFAQはありません。", "{hint}つづりを確かめるか、この intent を消してください。"),
    "NLU002": (E, "言い回し「{text}」が、同じFAQに2回あります。", "どちらか1つを消してください。"),
    "NLU003": (E, "言い回し「{text}」が「{first}」にもあります。", "どちらのFAQの言い方かを決めて、片方を消すか、違いが分かる言葉を足してください。"),
    "NLU004": (E, "「{text}」は検査の質問（{where}）と同じです。", "検査の質問は、言い回しに使えません。どちらかを別の言い方に変えてください。"),
    "NLU005": (E, "「examples」は「- 」で始まる行で書きます: 「{text}」", "行の先頭に「- 」を入れてください。"),
    "NLU006": (N, "「{first}」と「{second}」の言い回しがとても似ています（例: 「{a}」と「{b}」）。", "違いが分かる言葉を足すか、2つのFAQを1つにまとめてください。"),
    "NLU007": (E, "intent「{intent}」の名前を使えません。", "「faq/FAQのid」「smalltalk/…」「out_of_scope/…」のどれかにしてください。"),
    "NLU008": (E, "あいさつなどの「{id}」に、返事（utter_{id}）がありません。", "smalltalk.yml の responses に「utter_{id}」を足してください。"),
    "NLU009": (E, "intent「{intent}」が2回あります（{other}）。", "1つの intent にまとめてください。"),
    # -- other languages ---------------------------------------------------------------------------------------
    "TRN001": (E, "「{id}」というFAQはありません。", "{hint}つづりを確かめるか、この翻訳を消してください。"),
    "TRN002": (E, "「{id}」の翻訳が2回あります。", "どちらか1つを消してください。"),
    "TRN003": (N, "「{id}」の翻訳は、いまの日本語から作ったものではありません。いまは日本語で答えます。", "日本語に合わせて訳を直し、of を「{hash}」にしてください。"),
    "TRN004": (N, "「{id}」のリンク「{label}」の訳がないか、日本語にないリンクの訳があります。", "links を、日本語のリンクの見出しと同じにしてください。"),
    "TRN005": (E, "「{id}」の訳の中のアドレスが、日本語とちがいます。", "[文字](https://…) のアドレスは、日本語のものをそのまま写してください。"),
    "TRN006": (N, "「{id}」に「{term}」の決まった訳（{use}）がありません。", "訳を glossary.yaml に合わせるか、正しい言い方なら also に足してください。"),
    "TRN007": (N, "「{id}」に、使わないと決めた言葉「{word}」があります。", "glossary.yaml の決まった訳に直してください。"),
    "TRN008": (N, "{lang}: 訳のないFAQが{count}件あります（{ids}…）。そのFAQは日本語で答えます。", "faq/translations/{lang}/ に訳を足してください。"),
    "TRN009": (E, "「{lang}」という言語のフォルダーは使えません。", "使えるフォルダー: {allowed}"),
    "TRN010": (E, "{lang}: 話題「{topic}」の訳がありません。", "topics.yaml に「{topic}: {{title: …, subject: …}}」を足してください。"),
    "TRN011": (N, "{lang}: 検索モデルがないため、この言語では答えません。", "「madoguchi train --lang {lang}」で作ってください。"),
    # -- guarding questions ------------------------------------------------------------------------------------
    "ASK001": (E, "「{key}」の「{id}」というFAQはありません。", "{hint}id を直すか、none（答えない）にしてください。"),
    "ASK002": (E, "検査の質問「{text}」が {other} にもあります。", "どちらか1つを消してください。"),
    "ASK010": (N, "「{text}」に、ちがう答え「{got}」を返します（正しくは {expected}）。", "「{expected}」の言い回しを足してください。どちらでもよければ accept に「{got}」を足してください。"),
    "ASK011": (N, "「{text}」の正しい答え「{expected}」が、候補の3つに入りません。", "「{expected}」に、近い言い回しを足してください。"),
    "ASK012": (N, "「{text}」は答えてはいけない質問ですが、「{got}」を返します。", "nlu_data/out_of_scope.yml に似た言い方を足してください（同じ文は使えません）。"),
    "ASK020": (E, "検査の質問の成績が下限を下回りました: {name} {value:.1%}（{bound} {limit:.1%}）。", "上の ASK の注意を見て、言い回しを直してください。"),
    # -- how the telephone says it -----------------------------------------------------------------------------
    "IVR050": (E, "「{word}」の読み方「{reading}」を、そのまま使えません。", "読み方は、全角のカタカナだけで書いてください。例: ノウキゲン"),
    "IVR051": (E, "「{word}」の accent「{accent}」を使えません。", "声が下がる前の拍の数を、0 から {morae} までの数字で書いてください（下がらない言葉は 0）。"),
    "IVR052": (E, "読み方の表の「{word}」に、空白かコンマが入っています。", "空白やコンマのない、ひと続きの言葉で書いてください。"),
    "IVR053": (E, "読み方の表に「{word}」が2回あります。", "どちらか1つを消してください。"),
    "IVR054": (E, "録音のファイル「{file}」がありません。", "ivr_flows/recordings/ に置くか、この行を消してください。"),
    "IVR055": (E, "録音のファイル「{file}」を使えません。{why}。", "録音し直すか、16ビットのWAV（PCM）で書き出してください。"),
    "IVR056": (E, "録音のファイル「{file}」が長すぎます（上限は{limit}秒です）。", "文を分けて、短く録音してください。"),
    "IVR057": (N, "録音のファイル「{file}」の文「{text}…」は、どの案内でも読まれません。合成音声で読んでいます。", "案内の文と text を一字一句同じにするか、録音し直してください。要らなければ、行を消してください。"),
    "IVR058": (E, "録音のファイル「{file}」の文は、ほかの行にもあります。", "どちらか1つを消してください。"),
    "IVR060": (N, "「{word}」の読み方を、人が確かめていません（{why}。いまの読み方: {reading}）。", "madoguchi say で聞いて確かめ、ivr_flows/pronunciation.yaml に「- {{word: {word}, reading: 読み方}}」の行を足してください（前後で読みが変わる言葉は、前後の言葉ごと書くか、ほかの言葉に変えます）。"),
    "IVR061": (N, "読み上げる文の中に、声にならない記号「{sign}」があります。", "記号を消すか、言葉に書きかえてください。"),
    "IVR062": (E, "この文は読み上げられません（{why}）。", "話し言葉で、短く書いてください。"),
    # -- telephone flows ---------------------------------------------------------------------------------------
    "IVR001": (E, "電話の流れのファイルがありません。", "ivr_flows/{name}.yaml を元に戻してください。電話に出るのに、かならず要ります。"),
    "IVR002": (N, "このファイルは読まれません。", "流れは ivr_flows/名前.yaml、録音は ivr_flows/recordings/名前.wav に置いてください。"),
    "IVR003": (E, "id「{id}」がファイル名「{name}.yaml」とちがいます。", "「id: {name}」に直してください。"),
    "IVR004": (E, "「{key}」の行き先「{target}」がありません。", "{hint}同じファイルの中の名前か、「ファイル名/名前」を書いてください。"),
    "IVR005": (E, "「{node}」のすることが{found}。", "then、choices、listen、transfer、queue、hang_up のうち、1つだけを書いてください。"),
    "IVR006": (N, "「{node}」には、どこからも来ません。", "使わないなら消してください。使うなら、ほかの所の then や goto に「{node}」と書いてください。"),
    "IVR007": (E, "キー「{key}」は電話機にありません。", "0から9の数字1つか、「*」「#」にしてください。例: key: \"7\""),
    "IVR008": (E, "キー「{key}」が2回使われています（もう1つは「{title}」）。", "使っていない番号に変えるか、どちらかに stopped: \"true\" を足してください。"),
    "IVR009": (E, "「say」の1つの項目に、{found}。", "text、entry、notices のうち、1つだけを書いてください。"),
    "IVR010": (E, "「{id}」というFAQはありません。", "{hint}つづりを確かめるか、entry の代わりに文を書いてください。"),
    "IVR011": (E, "FAQ「{id}」に、電話で読む文（voice）がありません。", "そのFAQに voice を書くか、entry の代わりに文を書いてください。"),
    "IVR012": (N, "FAQ「{id}」に、この流れの言葉（lang: {lang}）の voice がありません。そこでは「unavailable」の文を読みます。", "faq/translations/ のその言葉の訳に voice を足すか、entry の代わりに文を書いてください。"),
    "IVR013": (N, "FAQ「{id}」は公開の期間の外です。電話では、代わりに unavailable の文を読みます。", "FAQの内容を確かめて valid を延ばすか、ほかのFAQか文に替えてください。"),
    "IVR014": (N, "FAQ「{id}」の公開の期間が {end} に終わります（あと{days}日）。そのあとは unavailable の文を読みます。", "次の期間の内容を用意してください。"),
    "IVR015": (E, "FAQ「{id}」には公開の期間がありますが、期間の外で読む文（unavailable）がありません。", "ファイルの上のほうに「unavailable: …」の行を足してください。"),
    "IVR016": (N, "話題「{title}」は、{length}文字あります（およそ{seconds}秒。目安は{limit}文字です）。", "大事なことから順に、短くしてください。細かい説明はホームページとチャットに任せます。"),
    "IVR017": (N, "「{node}」は、番号を選ぶまでに{length}文字あります（およそ{seconds}秒。目安は{limit}文字です）。", "前置きか、話題の名前を短くしてください。"),
    "IVR018": (E, "何も押さない人の電話が、終わらずに回り続けます（{circle}）。", "どこかの行き先を、hang_up のある所に変えてください。"),
    "IVR019": (N, "選ぶものが{count}個あります（目安は{limit}個までです）。", "よく使われるものだけを残し、ほかに stopped: \"true\" を足してください。"),
    "IVR020": (E, "読む文が空です。", "文を書くか、この行を消してください。"),
    "IVR021": (E, "「attempts」が{value}です。", "くり返す回数を、0から{high}で書いてください。例: attempts: \"2\""),
    "IVR022": (E, "「{key}」が{value}秒です。", "{low}から{high}の秒数にしてください。"),
    "IVR023": (E, "電話で読めない「{found}」があります。", "かっこ・URL・記号を使わず、話し言葉で書いてください。ページは「埼玉県 自動車税 で検索」と書きます。"),
    "IVR024": (N, "英字「{found}」の読み方が決まっていません。", "かなで書くか、pronunciation.yaml に「{{word: {found}, reading: …}}」の行を足してください。"),
    "IVR025": (E, "「{key}」の日付「{value}」を読めません。", "毎年なら \"12-29\"、その年だけなら \"2026-12-29\" の形で、実際にある日を書いてください。"),
    "IVR026": (E, "期間の from「{start}」と until「{end}」の形がそろっていません。", "毎年の期間には、月-日を from と until の両方に書いてください。その年だけの期間は、両方を年-月-日で書きます。"),
    "IVR027": (E, "期間の from（{start}）が until（{end}）よりあとなので、読まれる日がありません。", "日付を入れ替えるか、直してください。"),
    "IVR028": (N, "期間が {end} に終わっています。もう読まれません。", "使わないなら消してください。また使うなら日付を直してください。"),
    "IVR029": (E, "「{title}」を押したあとの行き先がありません。", "say（読む文）か goto（行き先）を書いてください。say だけのときは、choices と同じ深さに「after: …」が要ります。"),
    "IVR030": (E, "「{key}」の {{ }} の使い方がちがいます（いまは「{value}」）。", "{allowed} を1回ずつ書いてください。ほかの {{ }} は使えません。"),
    "IVR031": (E, "お知らせの id「{id}」が2回使われています。", "どちらかに、まだ使われていない id を付けてください。"),
    "IVR032": (E, "お知らせの flows にある「{flow}」という流れはありません。", "{hint}使える名前: {allowed}"),
    "IVR033": (N, "お知らせ「{id}」を読む所が、流れ「{flow}」にありません。", "{flow}.yaml の say: に「- {{notices: \"true\"}}」の行を足してください。"),
    "IVR034": (E, "「{node}」で選べるものが1つもありません。", "どれか1つの stopped を消してください。"),
    "IVR035": (E, "「{node}」に、何も押されなかったときの行き先（no_input）がありません。", "「no_input: {{say: 番号が押されませんでした。, attempts: \"2\", then: farewell}}」の行を足してください。"),
}  # fmt: skip


def finding(code: str, path: str, line: int = 0, **facts: object) -> Finding:
    """A finding of the catalogue with its facts filled in. Raises KeyError for a code that is not in it."""
    level, what, fix = CATALOGUE[code]
    return Finding(path, line, code, level, what.format(**facts), fix.format(**facts))


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Only those that stop publishing."""
    return [found for found in findings if found.level is Level.ERROR]
