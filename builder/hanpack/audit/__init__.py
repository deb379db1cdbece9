"""Proves a build from its sources: hashes, spans, alignments, budgets, edits and the ledger."""
