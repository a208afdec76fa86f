"""Export as a Rasa 3.1 project (rasa.md 5.3), ready for `rasa train` and `rasa data validate`."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from bot.knowledge.models import Knowledge
from bot.knowledge.translations import LANGUAGES

SETUP = ("config.yml", "domain.yml")  # stand beside `data/`, not in it


def export_rasa(knowledge: Knowledge, root: Path, directory: Path, refusal: str) -> None:
    """Copy `nlu_data/` of `root` as it stands, and write the answers as `responses` of the retrieval intents;
    `refusal` is said to strangers."""
    data = directory / "data"
    data.mkdir(parents=True, exist_ok=True)
    source = root / "nlu_data"
    ours = (file for file in sorted(source.rglob("*.yml")) if file.relative_to(source).parts[0] not in LANGUAGES)
    for file in ours:  # one Rasa assistant speaks one language
        target = (directory if file.relative_to(source).as_posix() in SETUP else data) / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    answers = {f"utter_faq/{id_}": [{"text": entry.answer.strip()}] for id_, entry in knowledge.entries.items()}
    answers |= {f"utter_out_of_scope/{group}": [{"text": refusal}] for group in knowledge.out_of_scope}
    text = yaml.safe_dump({"version": "3.1", "responses": answers}, allow_unicode=True, sort_keys=False, width=10_000)
    (data / "responses.yml").write_text(text, encoding="utf-8")
