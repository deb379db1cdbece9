"""Starts the command line: ``python -m hanpack``."""

from hanpack.cli import main

if __name__ == "__main__":
    main()
