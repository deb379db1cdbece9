"""Copies, shared passages, evaluation texts and partitions: comparison of documents with one another.

Copies in four steps: ``compute_signature`` of each folded text, ``find_candidates`` among the signatures,
``compute_similarity`` of each pair, ``assign_clusters``.

The package itself imports nothing: who needs a function imports its module, so that a build without
evaluation texts or withdrawals does not load what compares them.
"""
