"""The dotide API as the mock server plays it."""
