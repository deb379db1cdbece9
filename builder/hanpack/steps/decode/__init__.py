"""Bytes to text: encodings detected and decoded, text taken out of JSON strings.

The package itself imports nothing: who needs a function imports its module.
"""
