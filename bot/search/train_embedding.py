"""Train the built-in static embedding on our own phrasings (extra `train`): `StaticEmbedding` with
MultipleNegativesRankingLoss at scale 5, few epochs, idf as initial vector length (retrieval.md 3.3).

Every batch holds one pair of each target, so that no negative is a hidden positive, and one hard negative: a variant
of the target that looks most alike. Saved as an int8 model2vec directory. Seeded; the same input gives the same bytes.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from model2vec import StaticModel
from numpy.random import Generator
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from bot.search.analysis import Analysis
from bot.search.encoder import StaticEncoder, tokens

DIMENSIONS = 192
VOCABULARY = 18_000  # with DIMENSIONS at int8 3.5 MB; words and n-grams heard at least twice
EPOCHS = 6
LEARNING_RATE = 0.04
SCALE = 5.0
ANSWER_SHARE = 0.2  # how often the positive is the entry's answer instead of another phrasing
SEED = 20261120
UNKNOWN = "[UNK]"

Ids = list[int]


def train_embedding(
    groups: Sequence[Sequence[Analysis]], answers: Sequence[Analysis | None], directory: Path
) -> StaticEncoder:
    """Train on `groups` of variants, one group a target, and its answer where it has one; save to `directory`."""
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)  # sums in one order; two take 4/5 of the time, on a busy machine five times as long
    vocabulary, weights = _vocabulary([text for group in groups for text in group])
    ids = [[_ids(text, vocabulary) for text in group] for group in groups]
    extra = [_ids(answer, vocabulary) if answer else None for answer in answers]
    embedding = StaticEmbedding(_tokenizer(vocabulary), embedding_dim=DIMENSIONS)
    start = torch.nn.functional.normalize(torch.randn(len(vocabulary), DIMENSIONS), dim=1)
    embedding.embedding.weight.data.copy_(start * torch.tensor(weights).unsqueeze(1))
    model = SentenceTransformer(modules=[embedding], device="cpu")
    loss = MultipleNegativesRankingLoss(model, scale=SCALE)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    random = np.random.default_rng(SEED)
    rivals = _rivals(groups)
    for epoch in range(EPOCHS):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - epoch / EPOCHS)
        for anchors, positives, negatives in _rounds(ids, extra, rivals, random):
            value = loss([_batch(anchors), _batch(positives), _batch(negatives)], torch.empty(0))
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
    _save(embedding.embedding.weight.detach().numpy(), vocabulary, directory)
    return StaticEncoder(directory)


def _vocabulary(texts: Sequence[Analysis]) -> tuple[dict[str, int], NDArray[np.float32]]:
    counts = Counter(token for text in texts for token in set(tokens(text)))
    kept = sorted((t for t, n in counts.items() if n >= 2 and " " not in t), key=lambda t: (-counts[t], t))
    names = [UNKNOWN, *kept[: VOCABULARY - 1]]
    frequency = np.array([counts[name] for name in names], dtype=np.float32)
    weights = np.log1p((len(texts) - frequency + 0.5) / (frequency + 0.5))
    weights[0] = 0.0
    return {name: i for i, name in enumerate(names)}, weights


def _ids(text: Analysis, vocabulary: dict[str, int]) -> list[int]:
    return [vocabulary[t] for t in tokens(text) if t in vocabulary] or [0]


def _rivals(groups: Sequence[Sequence[Analysis]]) -> list[list[int]]:
    """For each group the five others that share most of their words."""
    words = [Counter(word for text in group for word in text.words) for group in groups]
    units = []
    for counts in words:
        length = np.sqrt(sum(n * n for n in counts.values())) or 1.0
        units.append({word: n / length for word, n in counts.items()})
    rivals = []
    for i, own in enumerate(units):
        alike = [
            sum(x * other.get(word, 0) for word, x in own.items()) if j != i else -1 for j, other in enumerate(units)
        ]
        rivals.append([int(j) for j in np.argsort(alike)[::-1][:5]])
    return rivals


def _rounds(
    ids: Sequence[Sequence[Ids]], extra: Sequence[Ids | None], rivals: Sequence[Sequence[int]], random: Generator
) -> Iterator[tuple[list[Ids], list[Ids], list[Ids]]]:
    """Batches of (anchor, positive, hard negative), one of each group, until every variant has been an anchor."""
    orders = [random.permutation(len(group)) for group in ids]
    for turn in range(max(len(group) for group in ids)):
        anchors: list[Ids] = []
        positives: list[Ids] = []
        negatives: list[Ids] = []
        for i, group in enumerate(ids):
            if turn >= len(group) or len(group) < 2:
                continue
            first = int(orders[i][turn])
            others = [j for j in range(len(group)) if j != first]
            answer = extra[i] if random.random() < ANSWER_SHARE else None
            rival = ids[int(random.choice(rivals[i]))]
            anchors.append(group[first])
            positives.append(answer or group[int(random.choice(others))])
            negatives.append(rival[int(random.integers(len(rival)))])
        if len(anchors) > 1:
            yield anchors, positives, negatives


def _batch(rows: Sequence[Sequence[int]]) -> dict[str, torch.Tensor]:
    offsets = np.cumsum([0, *(len(row) for row in rows[:-1])])
    flat = [i for row in rows for i in row]
    return {"input_ids": torch.tensor(flat), "offsets": torch.from_numpy(offsets)}


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    return tokenizer


def _save(vectors: NDArray[np.float32], vocabulary: dict[str, int], directory: Path) -> None:
    whole = np.round(vectors / np.abs(vectors).max() * 127).astype(np.int8)
    shutil.rmtree(directory, ignore_errors=True)
    model = StaticModel(whole, _tokenizer(vocabulary), config={"normalize": False}, normalize=False, max_length=None)
    model.save_pretrained(directory)
    (directory / "README.md").unlink(missing_ok=True)  # a card for a hub we do not use
