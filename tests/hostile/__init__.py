"""Servers that do to a run what it must survive, and a table of what came of it."""
