"""The Dotide datastream API (v1): its specification, rules, silent points and fixtures."""
