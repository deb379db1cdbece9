"""Splits a document into chunks: where it may be cut, its outline of headings, and the choice of the cuts.

``splitting.split_text`` splits a text by ``settings.ChunkSettings``. The package itself imports nothing: who
needs a function imports its module, so that a recipe is read without what counts tokens.
"""
