"""Every operation, with generated requests, valid and invalid: does it answer as the document says?"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

CASES = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_operation_conforms(operation: Any, mode: GenerationMode) -> None:
    """All of Schemathesis's checks hold for generated requests."""
    if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body or operation.path_parameters):
        pytest.skip("nothing in this request can be wrong")

    @CASES
    @given(case=operation.as_strategy(generation_mode=mode))
    def conforms(case: Any) -> None:
        case.call_and_validate()

    conforms()
