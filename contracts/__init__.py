"""Checks a live target against a rulebook."""
