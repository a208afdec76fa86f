"""Every setting, read once at start from the environment (`MADOGUCHI_…`).

`docs/運用手順書.md` lists them; a test compares.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

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
