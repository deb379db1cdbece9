"""Reads raw files: discovery, decompression, and the records of each format."""
