"""Generated requests: what the document alone says about every operation."""

from ..conformance import Reach, askable, conforms
from ..finding import Unjudged
from ..law import law
from ..trial import Trial


def _home(trial: Trial) -> Trial:
    """An organization with things in it, which generated requests may change as they like."""
    if not trial.has_control:
        return trial
    home = trial.fresh("demo")
    home.settle()
    return home


@law(
    "ML-901",
    source="the contract's document",
    causes=(
        "A request that the document forbids is taken, one that it allows is refused, or a reply is not "
        "as declared."
    ),
)
def generated_requests(trial: Trial) -> None:
    """Requests made from the document, valid and invalid, at every boundary and by chance, are answered as it
    says.
    """
    home = _home(trial)
    for broken in conforms(home, askable(home), phases=("examples", "coverage", "fuzzing")):
        home.means.broken.append(broken)


@law(
    "ML-902",
    source="the contract's document: links",
    causes="Something made that cannot be read, or read after it was deleted; an id that does not lead back.",
)
def generated_sequences(trial: Trial) -> None:
    """Sequences of requests along the document's links, tag by tag, are answered as the document says."""
    home = _home(trial)
    operations = askable(home)
    reach = Reach()
    for tag in dict.fromkeys(each.tag for each in operations):
        own = [each for each in operations if each.tag == tag]
        for broken in conforms(home, own, phases=("stateful",), reach=reach):
            home.means.broken.append(broken)
    if not reach.requests:
        raise Unjudged("The document has no links to follow.")
