"""Text → unit vectors: the built-in static embedding (no PyTorch), or any sentence-transformers model directory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from bot.search.analysis import Analysis

Vectors = NDArray[np.float32]

MODELS = Path(__file__).parent / "model"  # one folder a language
BUILTIN = MODELS / "ja"


class Encoder(Protocol):
    """Vectors of shape (len(texts), dimensions), float32, each of length 1 or, for an empty text, 0."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[Analysis]) -> Vectors:
        """Encode analysed texts."""
        ...


class ModelMissing(Exception):
    """The operator named an embedding that can't be loaded; the message says what to do."""


class StaticEncoder:
    """The model made by `madoguchi train`, in model2vec's format: a text is the mean of its features' vectors.

    Read with numpy alone; model2vec gives the same vectors (a test compares them) but costs half a second of imports.
    """

    def __init__(self, directory: Path = BUILTIN) -> None:
        weights = directory / "model.safetensors"
        if not weights.is_file():
            raise ModelMissing(f"検索モデルがありません: {directory}。「madoguchi train」で作ってください。")
        self.name = f"builtin-{hashlib.sha256(weights.read_bytes()).hexdigest()[:12]}"
        self._vectors = load_file(weights)["embeddings"]
        self.dimensions = int(self._vectors.shape[1])
        tokenizer = json.loads((directory / "tokenizer.json").read_bytes())
        self._places: dict[str, int] = tokenizer["model"]["vocab"]

    def encode(self, texts: Sequence[Analysis]) -> Vectors:
        """Features outside the vocabulary are left out."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            places = [self._places[token] for token in tokens(text) if token in self._places]
            if places:
                vectors[row] = self._vectors[places].sum(axis=0, dtype=np.float32)
        return unit(vectors)


class NeuralEncoder:
    """A sentence-transformers model on disk (extra `neural`); never fetched from a hub."""

    def __init__(self, directory: Path) -> None:
        if not (directory / "modules.json").is_file():
            raise ModelMissing(f"{directory} は sentence-transformers のモデルのフォルダーではありません。")
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ModelMissing("「pip install 'madoguchi[neural]'」が必要です。") from error
        weights = sorted((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in directory.glob("*.*"))
        self.name = f"{directory.resolve()} {weights}"  # another model in the same place is another encoder
        self._model = SentenceTransformer(str(directory), device="cpu", local_files_only=True)
        self.dimensions = int(self._model.get_sentence_embedding_dimension() or 0)

    def encode(self, texts: Sequence[Analysis]) -> Vectors:
        """Encode the normalised texts."""
        rows = self._model.encode([text.text for text in texts], show_progress_bar=False)
        return unit(np.asarray(rows, dtype=np.float32))


def load_encoder(embedding: str, lang: str = "ja") -> Encoder:
    """`builtin`, or the path of a model directory, which then serves all languages. Raises ModelMissing."""
    return StaticEncoder(MODELS / lang) if embedding == "builtin" else NeuralEncoder(Path(embedding))


def tokens(text: Analysis) -> list[str]:
    """What the static embedding counts as words: content words, n-grams of characters and of the reading."""
    grams = [f"c:{gram}" for gram in text.grams if len(gram) > 1]
    return [*text.words, *sorted(grams), *sorted(f"r:{gram}" for gram in text.reading_grams if len(gram) == 3)]


def unit(vectors: Vectors) -> Vectors:
    """Scale rows to length 1; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)
