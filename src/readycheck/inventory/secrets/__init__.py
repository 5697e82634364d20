"""Secrets: how they are kept, by which keys, and who serves them."""
