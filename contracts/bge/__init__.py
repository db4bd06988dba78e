"""Checks of the bge API (data-element streams of the BGE private platform)."""
