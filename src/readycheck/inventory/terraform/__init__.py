"""Terraform: folders and what they call, states and plans, and what they say beside what is there."""
