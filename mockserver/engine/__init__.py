"""The life of a request: check it, behave, conform, record."""
