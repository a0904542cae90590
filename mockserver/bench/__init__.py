"""How fast it is: `python -m mockserver.bench` prints a table, each row beside a bare Starlette route.

The bare route returns the very bytes that the mock returns, in the same run and on the same machine, so that the
ratio means something where absolute figures do not.
"""
