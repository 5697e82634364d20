"""What is known of secrets: how they are named and look, how they are encrypted, where else they are kept."""
