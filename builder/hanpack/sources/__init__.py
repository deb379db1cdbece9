"""Reads raw files: finds them, decompresses them, and reads the records of each format."""
