"""`python -m mockserver`: the same as the command `mockserver`."""

from mockserver.cli import main

main(prog_name="mockserver")
