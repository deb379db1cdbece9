"""Documents cut into chunks: boundaries, the outline of headings, and the cutting."""
