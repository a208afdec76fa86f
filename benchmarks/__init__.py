"""What measures speed and quality, side by side with peers. Results are kept as JSON in `results/`."""

from __future__ import annotations

import json
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
QUESTIONS = Path(__file__).parent / "questions"


def keep(name: str, figures: object) -> None:
    """Print figures and keep them in `results/<name>.json`."""
    text = json.dumps(figures, ensure_ascii=False, indent=1)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
