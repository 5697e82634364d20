"""How a report leaves the program: one module per format, each with a `render` function."""
