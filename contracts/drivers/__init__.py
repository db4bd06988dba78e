"""Tolerant ways to make, look and list: they hold what servers may differ in, and judge nothing."""
