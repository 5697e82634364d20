"""What watches: the stack, what it scrapes, and which alerts go where."""
