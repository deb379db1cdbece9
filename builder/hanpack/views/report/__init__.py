"""The report of a build: one self-contained HTML page."""
