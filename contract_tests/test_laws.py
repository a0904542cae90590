"""One test per law."""

import pytest

from .judge import Judge, Outcome
from .law import Law


def test_law(law: Law, judge: Judge) -> None:
    """The law is kept; it is skipped, with the reason, where it cannot be judged."""
    verdict = judge.judge(law)
    if verdict.outcome is Outcome.UNJUDGED:
        pytest.skip(verdict.reason)
    if verdict.outcome is Outcome.BROKEN:
        lines = [f"{law.code}: {law.title}", f"source: {law.source}"]
        for finding in verdict.findings:
            lines += ["", f"{finding.operation or ''}: {finding.message}"]
            lines += [f"  {finding.evidence[-1].curl()}"] if finding.evidence else []
        pytest.fail("\n".join(lines), pytrace=False)
