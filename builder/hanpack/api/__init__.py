"""The public functions on a text, and on files of texts, without a build: normalize and split."""
