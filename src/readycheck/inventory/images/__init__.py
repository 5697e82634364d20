"""Images: what they are built of and where, and what was found in them."""
