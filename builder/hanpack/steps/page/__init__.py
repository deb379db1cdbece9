"""Pages down to their text: HTML, forum software, and what a site prints around an article."""
