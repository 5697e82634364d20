"""Where evidence comes from: one package per source, each with a `collect` function that gives a `Collected`."""
