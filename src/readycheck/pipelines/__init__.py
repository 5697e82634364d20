"""What a pipeline does, whatever system runs it: jobs, steps, commands, on which occasions and in which order.

One model for all systems: a reader for each turns its files into these nouns, and rules ask the nouns.
"""
