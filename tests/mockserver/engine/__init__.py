"""APIs that are served from their files alone."""
