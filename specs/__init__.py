"""What the API documents say: specifications, rulebooks and silent points, as frozen values."""
