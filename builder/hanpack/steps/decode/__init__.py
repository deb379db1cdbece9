"""Bytes to text: encodings detected and decoded, text taken out of JSON strings."""
