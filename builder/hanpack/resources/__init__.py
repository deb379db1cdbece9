"""What ships with installed packages: tokenizer vocabularies and the n-gram model."""
