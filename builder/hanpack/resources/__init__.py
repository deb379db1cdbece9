"""Reads data that is installed with packages: tokenizer vocabularies and the n-gram model."""
