"""Every setting, read once at start from the environment (`MADOGUCHI_…`).

`docs/運用手順書.md` lists them; a test compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, IPvAnyNetwork, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SIP_URI = r"^(|sip:[^\s<>\"]+)$"
HERE = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Defaults serve one small machine without any other server."""

    model_config = SettingsConfigDict(env_prefix="MADOGUCHI_", frozen=True)

    root: Path = Field(HERE, description="faq/・nlu_data/・ivr_flows/ のあるフォルダー")
    data: Path = Field(HERE / "var", description="記録とキャッシュを置くフォルダー")
    embedding: str = Field("builtin", description="検索モデル。builtin か、sentence-transformers のモデルのフォルダー")
    host: str = Field("127.0.0.1", description="待ち受けるアドレス")
    port: int = Field(8000, ge=1, le=65535, description="待ち受けるポート")
    allowed_origins: tuple[str, ...] = Field((), description="チャットを置くサイトのオリジン（JSONの一覧）")
    conversation_minutes: int = Field(60, ge=1, le=1440, description="会話を覚えている時間（分）")
    conversations: int = Field(5_000, ge=1, description="同時に覚えている会話の数の上限")
    messages_per_minute: int = Field(60, ge=1, description="1つの接続元が1分間に送れる数")
    watch: bool = Field(True, description="YAMLの変更を見張って、すぐに公開する")

    database: SecretStr = Field(SecretStr(""), description="データベースのURL。空なら DATA の中の SQLite")
    retention_days: int = Field(400, ge=35, le=3660, description="出来事（利用者の言葉を含む）を残す日数")
    console: bool = Field(True, description="職員の画面 /console を開く")
    console_allowed: tuple[IPvAnyNetwork, ...] = Field(
        (), description="職員の画面を開けるネットワーク（空なら制限しない）"
    )
    console_minutes: int = Field(30, ge=5, le=480, description="操作のないとき、職員の画面から出るまでの時間（分）")

    sip: str = Field(
        "127.0.0.1:5060", pattern=r"^(|[^:\s]+:\d{1,5})$", description="電話を待つ HOST:PORT。空なら待たない"
    )
    sip_advertised: str = Field("", description="相手から見えるアドレス（NATの内側に置くとき）")
    sip_allowed: tuple[IPvAnyNetwork, ...] = Field(
        (), description="電話を受ける相手のネットワーク（空ならだれからでも）"
    )
    sip_user: str = Field("", description="電話をかけてくる相手に求める名前（空なら求めない）")
    sip_password: SecretStr = Field(SecretStr(""), description="その合言葉")
    sip_password_ways: tuple[Literal["SHA-256", "MD5"], ...] = Field(
        ("SHA-256", "MD5"), description="合言葉の確かめ方（古い交換機には MD5 だけ）"
    )
    sip_registrar: str = Field("", pattern=SIP_URI, description="登録する先（トランクや交換機）。sip:HOST:PORT")
    sip_account: str = Field(
        "", pattern=r"^(|sip:[^@\s<>\"]+@[^@\s<>\"]+)$", description="登録する番号。sip:番号@ドメイン"
    )
    sip_login: str = Field("", description="登録するときの名前（空なら sip_account の番号）")
    sip_secret: SecretStr = Field(SecretStr(""), description="登録するときの合言葉")
    rtp_ports: str = Field("16384-17383", pattern=r"^\d{1,5}-\d{1,5}$", description="音声に使うUDPポートの範囲")
    calls: int = Field(400, ge=1, le=2000, description="同時に受ける電話の上限")
    calls_per_source: int = Field(400, ge=1, description="1つの接続元から同時に受ける電話の上限")
    call_minutes: int = Field(30, ge=1, le=240, description="1つの電話の長さの上限（分）")
    operators: str = Field("", pattern=SIP_URI, description="オペレーターにつなぐ先。sip:…")
    night_desk: str = Field("", pattern=SIP_URI, description="夜間の担当につなぐ先。sip:…")
    transfer_by: Literal["auto", "refer", "bridge"] = Field("auto", description="つなぎ方（REFER か、二本目の電話か）")
    drain_seconds: float = Field(20, ge=0, le=3600, description="終わるとき、通話が終わるのを待つ時間（秒）")
    keep_caller_numbers: bool = Field(False, description="電話番号をそのまま記録する（既定は、鍵を付けた符号だけ）")
    speech_model: Path | None = Field(None, description="音声認識（vosk）のモデルのフォルダー")
    twiml_token: SecretStr = Field(SecretStr(""), description="クラウド電話（TwiML）の署名の鍵。空なら開かない")
    twiml_url: str = Field("", description="クラウド電話から見た、このサービスのアドレス。https://…")
    browser_phone: bool = Field(True, description="ためすための電話 /phone を開く（この機械からだけ）")
