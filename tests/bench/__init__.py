"""How fast the mock is, beside a bare server and Prism; `make bench` (docs/performance.md)."""
