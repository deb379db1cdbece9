"""Copies, shared passages, evaluation texts and partitions: comparison of documents with one another.

Copies in four steps: ``compute_signature`` of each folded text, ``find_candidates`` among the signatures,
``compute_similarity`` of each pair, ``assign_clusters``.
"""

from hanpack.steps.dedup.candidates import expand_ranges, find_candidates, find_cross_candidates
from hanpack.steps.dedup.clusters import (
    SIMILARITY_THRESHOLD,
    ClusterAssignment,
    assign_clusters,
    find_equal,
)
from hanpack.steps.dedup.columns import Column, Numbers
from hanpack.steps.dedup.contamination import MATCHED_SHARE, Match, find_matches
from hanpack.steps.dedup.evaluation_texts import SHORTEST_TEXT, EvaluationTexts, index_texts
from hanpack.steps.dedup.folding import FoldedText, TextFolder
from hanpack.steps.dedup.gram_filters import (
    SHORT_GRAMS,
    SHORTEST_QUERY,
    TRIGRAMS,
    BlockFilters,
    FilterMaker,
    FilterShape,
    find_query_bits,
    select_blocks,
)
from hanpack.steps.dedup.minhash import (
    BANDS,
    Bands,
    Shingles,
    Signature,
    compute_shingles,
    compute_signature,
    compute_signatures,
    compute_similarity,
    sort_distinct,
)
from hanpack.steps.dedup.partitions import TRAIN, PartitionRule, choose_partition
from hanpack.steps.dedup.passages import (
    SHORTEST_PASSAGE,
    Sentences,
    SentenceTable,
    find_passages,
    find_sentences,
    join_sentences,
    trim_passage,
)
from hanpack.steps.dedup.published import (
    PACKED_BYTES,
    PublishedSignatures,
    find_equal_rows,
    find_near_rows,
    pack_sketch,
)
from hanpack.steps.dedup.withdrawn import (
    SKETCH_BYTES,
    Sketch,
    Withdrawal,
    WithdrawnText,
    WithdrawnTexts,
    compute_sketch,
    describe_withdrawn,
    hash_url,
    without_passages,
)

__all__ = [
    "BANDS",
    "MATCHED_SHARE",
    "PACKED_BYTES",
    "SHORTEST_PASSAGE",
    "SHORTEST_QUERY",
    "SHORTEST_TEXT",
    "SHORT_GRAMS",
    "SIMILARITY_THRESHOLD",
    "SKETCH_BYTES",
    "TRAIN",
    "TRIGRAMS",
    "Bands",
    "BlockFilters",
    "ClusterAssignment",
    "Column",
    "EvaluationTexts",
    "FilterMaker",
    "FilterShape",
    "FoldedText",
    "Match",
    "Numbers",
    "PartitionRule",
    "PublishedSignatures",
    "SentenceTable",
    "Sentences",
    "Shingles",
    "Signature",
    "Sketch",
    "TextFolder",
    "Withdrawal",
    "WithdrawnText",
    "WithdrawnTexts",
    "assign_clusters",
    "choose_partition",
    "compute_shingles",
    "compute_signature",
    "compute_signatures",
    "compute_similarity",
    "compute_sketch",
    "describe_withdrawn",
    "expand_ranges",
    "find_candidates",
    "find_cross_candidates",
    "find_equal",
    "find_equal_rows",
    "find_matches",
    "find_near_rows",
    "find_passages",
    "find_query_bits",
    "find_sentences",
    "hash_url",
    "index_texts",
    "join_sentences",
    "pack_sketch",
    "select_blocks",
    "sort_distinct",
    "trim_passage",
    "without_passages",
]
