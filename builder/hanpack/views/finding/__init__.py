"""Says where texts are in a build and in its sources, and what became of them, in any script and spelling."""
