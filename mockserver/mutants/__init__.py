"""Faults that follow from what a file declares: one family a module."""
