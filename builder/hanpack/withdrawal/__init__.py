"""Takes texts out of a build and of every later one, and proves that they are gone."""
