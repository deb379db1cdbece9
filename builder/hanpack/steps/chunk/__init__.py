"""Splits a document into chunks: where it may be cut, its outline of headings, and the choice of the cuts.

``split_text`` splits a text by ``ChunkSettings``.
"""

from hanpack.steps.chunk.headings import MarkedHeading
from hanpack.steps.chunk.settings import ChunkSettings, Policy
from hanpack.steps.chunk.splitting import Chunk, Splitting, split_prepared, split_text

__all__ = ["Chunk", "ChunkSettings", "MarkedHeading", "Policy", "Splitting", "split_prepared", "split_text"]
