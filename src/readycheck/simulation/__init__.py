"""What would become of pods if nodes went away: pure functions over the nodes and pods of a live cluster."""
