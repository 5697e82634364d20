"""What runs: pods and what they need, who selects them, how many there are, and what becomes of them."""
