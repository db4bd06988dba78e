"""A stateful mock server that keeps an API's rules, and breaks one on demand."""
