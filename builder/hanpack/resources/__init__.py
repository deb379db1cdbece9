"""Reads data that is installed with packages: vocabularies, the n-gram model, the form classifier."""
