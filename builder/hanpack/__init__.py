"""hanpack."""
