"""HTTP: the API itself, and our own pages beside it (control, docs, storage)."""
