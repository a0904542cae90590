"""Compiles API reference pages (Markdown, or text as a scraper leaves it) to an OpenAPI 3.1 document."""
