"""The checks of Dotide."""
