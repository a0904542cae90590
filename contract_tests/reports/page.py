"""A run as one HTML page that needs nothing else: what was judged, what was not and why, and each finding with
its proof.
"""

from html import escape
from pathlib import Path

from ..exchange import Exchange
from ..finding import Finding
from ..judge import Outcome, Report, Verdict

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --bad: #c62828; --good: #2e7d32; --open: #b26a00 }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.15rem; margin-top: 2.2rem }
code, pre { font: 13px/1.45 ui-monospace, monospace }
pre { background: var(--soft); padding: .7rem; overflow: auto; max-height: 22rem; white-space: pre-wrap;
  overflow-wrap: anywhere; border-radius: 4px }
.counts { display: flex; gap: 1rem; flex-wrap: wrap; margin: 1rem 0 }
.counts b { font-size: 1.6rem; display: block }
.counts div { border: 1px solid var(--line); border-radius: 6px; padding: .5rem 1rem; min-width: 7rem }
article { border-left: 4px solid var(--bad); padding: .1rem 0 .1rem 1rem; margin: 1.2rem 0 }
.kept { color: var(--good) } .broken { color: var(--bad) } .open { color: var(--open) } .soft { opacity: .75 }
table { border-collapse: collapse; width: 100% }
td, th { border-top: 1px solid var(--line); padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top }
 td:first-child { white-space: nowrap }
summary { cursor: pointer }
"""

WORDS = {Outcome.KEPT: "kept", Outcome.BROKEN: "broken", Outcome.UNJUDGED: "open"}


def write_html(report: Report, path: Path) -> None:
    """Write the page."""
    path.write_text(html(report), encoding="utf-8")


def html(report: Report) -> str:
    """The page."""
    counts = "".join(
        f'<div class="{WORDS[outcome]}"><b>{len(report.of(outcome))}</b>{outcome.value}</div>'
        for outcome in Outcome
    )
    verdict = "keeps the contract" if not report.findings else "breaks the contract"
    parts = [
        f"<h1>{escape(report.options.base_url)} {verdict}</h1>",
        f'<p class="soft">Judged by <b>{escape(report.contract)}</b>, seed {report.options.seed}, '
        f"{report.exchanges:,} requests in {report.seconds:.0f} s, "
        f"{'with' if report.has_control else 'without'} the control API.</p>",
        f'<div class="counts">{counts}</div>',
    ]
    broken = report.of(Outcome.BROKEN)
    if broken:
        parts.append("<h2>What was found</h2>")
        parts += [_broken(each) for each in broken]
    unjudged = report.of(Outcome.UNJUDGED)
    if unjudged:
        rows = "".join(_row(each, each.reason) for each in unjudged)
        parts.append(f"<h2>What was not judged, and why</h2><table>{rows}</table>")
    if report.accepted:
        rows = "".join(
            f"<tr><td>{escape(each.law)}</td><td>{escape(each.message)}</td></tr>" for each in report.accepted
        )
        parts.append(f"<h2>Known findings, accepted by the baseline</h2><table>{rows}</table>")
    rows = "".join(_row(each, each.law.title) for each in report.verdicts)
    parts.append(f"<h2>Every law</h2><table>{rows}</table>")
    title = f"{report.contract}: {len(report.findings)} findings"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _row(verdict: Verdict, text: str) -> str:
    law = verdict.law
    return (
        f"<tr><td><code>{law.code}</code></td><td>{escape(text)}<br>"
        f'<span class="soft">{escape(law.name)}, {escape(law.source)}</span></td>'
        f'<td class="{WORDS[verdict.outcome]}">{verdict.outcome.value}</td></tr>'
    )


def _broken(verdict: Verdict) -> str:
    law = verdict.law
    causes = f'<p class="soft">Usual causes: {escape(law.causes)}</p>' if law.causes else ""
    findings = "".join(_finding(each) for each in verdict.findings)
    return (
        f"<article><h3><code>{law.code}</code> {escape(law.title)}</h3>"
        f'<p class="soft">{escape(law.name)}; source: {escape(law.source)}</p>{causes}{findings}</article>'
    )


def _finding(finding: Finding) -> str:
    where = f"<b>{escape(finding.operation)}</b>: " if finding.operation else ""
    shown = "".join(_exchange(each) for each in finding.evidence)
    return f"<p>{where}{escape(finding.message)}</p>{shown}"


def _exchange(exchange: Exchange) -> str:
    sent = "".join(
        f"{name}: {'…' if name in ('authorization', 'x-api-key') else value}\n"
        for name, value in exchange.sent_headers.items()
    )
    got = "".join(f"{name}: {value}\n" for name, value in exchange.headers.items())
    request = f"{exchange.method} {exchange.target}\n{sent}\n{exchange.sent[:4000].decode('utf-8', 'replace')}"
    reply = f"{exchange.status}\n{got}\n{exchange.body[:4000].decode('utf-8', 'replace')}"
    return (
        f"<pre>{escape(exchange.curl())}</pre>"
        f"<details><summary>{escape(exchange.what)}</summary><pre>{escape(request)}</pre><pre>{escape(reply)}</pre></details>"
    )
