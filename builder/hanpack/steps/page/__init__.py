"""Reduces a page to its text: HTML, forum software, what a site prints around an article; Word documents.

The package itself imports nothing: who needs a function imports its module, so that a text in a plain file
does not load the modules for HTML and for Word documents.
"""
