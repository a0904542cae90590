"""A run as a file: JSON for programs, JUnit for continuous integration, a baseline for the next run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ..exchange import Exchange
from ..finding import Finding
from ..judge import Outcome, Report, Verdict, WrongTarget

Json = Any

SECRET = frozenset({"authorization", "x-api-key"})


def as_json(report: Report) -> Json:
    """The report as JSON: laws with their verdicts, findings with requests, replies and curl lines. Keys are
    left out.
    """
    return {
        "target": report.options.base_url,
        "contract": report.contract,
        "seed": report.options.seed,
        "requests": report.exchanges,
        "seconds": round(report.seconds, 2),
        "control": report.has_control,
        "counts": {outcome.value: len(report.of(outcome)) for outcome in Outcome},
        "accepted": [each.fingerprint for each in report.accepted],
        "laws": [_verdict(each) for each in report.verdicts],
    }


def _verdict(verdict: Verdict) -> Json:
    law = verdict.law
    return {
        "code": law.code,
        "name": law.name,
        "subject": law.subject,
        "law": law.text,
        "source": law.source,
        "causes": law.causes,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason,
        "seconds": round(verdict.seconds, 3),
        "findings": [_finding(each) for each in verdict.findings],
    }


def _finding(finding: Finding) -> Json:
    return {
        "operation": finding.operation,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
        "exchanges": [_exchange(each) for each in finding.evidence],
    }


def _exchange(exchange: Exchange) -> Json:
    return {
        "request": f"{exchange.method} {exchange.url}",
        "request_headers": _shown(exchange.sent_headers),
        "request_body": exchange.sent[:10_000].decode("utf-8", "replace"),
        "status": exchange.status,
        "reply_headers": dict(exchange.headers),
        "reply_body": exchange.body[:10_000].decode("utf-8", "replace"),
        "curl": exchange.curl(),
    }


def _shown(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: "…" if name in SECRET else value for name, value in headers.items()}


def write_json(report: Report, path: Path) -> None:
    """Write the report as JSON."""
    path.write_text(json.dumps(as_json(report), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_junit(report: Report, path: Path) -> None:
    """Write the report as JUnit XML: one test case per law."""
    suite = ElementTree.Element(
        "testsuite",
        name=f"contract {report.contract}",
        tests=str(len(report.verdicts)),
        failures=str(len(report.of(Outcome.BROKEN))),
        skipped=str(len(report.of(Outcome.UNJUDGED))),
        errors="0",
        time=f"{report.seconds:.3f}",
    )
    for verdict in report.verdicts:
        law = verdict.law
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"contract.{law.subject}",
            name=f"{law.code} {law.name}",
            time=f"{verdict.seconds:.3f}",
        )
        if verdict.outcome is Outcome.BROKEN:
            first = verdict.findings[0]
            failure = ElementTree.SubElement(case, "failure", type=law.code, message=_printable(first.message))
            failure.text = _printable("\n\n".join(_told(each) for each in verdict.findings))
        elif verdict.outcome is Outcome.UNJUDGED:
            ElementTree.SubElement(case, "skipped", message=_printable(verdict.reason))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _told(finding: Finding) -> str:
    lines = [f"{finding.operation}: {finding.message}" if finding.operation else finding.message]
    if finding.evidence:
        lines += [finding.evidence[-1].curl(), finding.evidence[-1].shown_reply()[:1000]]
    return "\n".join(lines)


def _printable(text: str) -> str:
    """The text without the control characters that XML cannot hold."""
    return "".join(each if each in "\n\t" or each >= " " else "�" for each in text)


def write_baseline(report: Report, path: Path) -> None:
    """Write what was found as a baseline, so that only what is new fails the next run."""
    known = sorted({each.fingerprint for each in (*report.findings, *report.accepted)})
    path.write_text(
        json.dumps({"contract": report.contract, "accepted": known}, indent=2) + "\n", encoding="utf-8"
    )


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints of a baseline file. Raises WrongTarget for what is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["accepted"]
        return frozenset(str(each) for each in found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongTarget(f"{path} is no baseline ({error}). `--write-baseline {path}` makes one.") from None
