"""`python -m contract_tests BASE_URL --api-key KEY`: the suite by itself."""

from .command import verify

if __name__ == "__main__":
    verify(prog_name="python -m contract_tests")
