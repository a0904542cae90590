"""What becomes of issue reports: many changed at once, and clusters of them judged and escalated."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import clusters
from mockserver.lifecycles.reports import REPORTS
from mockserver.world.store import Id
from mockserver.world.world import World


def issue_reports_bulk_update(world: World, inputs: Inputs) -> Reply:
    """How many reports, named one by one or by what they share, are in the wanted status from now on."""
    body = defaults.given(inputs)
    traces, pattern = body.get("trace_ids", []), body.get("pattern_key")
    found: dict[Id, None] = {}
    for trace in traces:
        record = world[REPORTS].find("trace_id", trace)
        if record is None:
            raise NotFound(
                f"Not found: trace_ids has {trace}, which is none of this organization's issue-reports."
            )
        found[record.id] = None
    for identity in found:
        world.change(REPORTS, identity, {"status": body["status"]})
    if pattern is not None:
        cluster = clusters.named(world, pattern)
        if cluster is None:
            raise NotFound(f"Not found: pattern_key {pattern} is none of this organization's issue-clusters.")
        found |= dict.fromkeys(each.id for each in clusters.reports_of(world, cluster.id))
        clusters.settle(world, cluster.document, body["status"])
    return Reply({"updated": len(found)})


def issue_clusters_partial_update(world: World, inputs: Inputs) -> Reply:
    """The cluster changed: a status is that of its reports as well, and a lane of null is found out anew."""
    cluster = defaults.record_of(world, inputs).document
    changes = defaults.given(inputs)
    status = changes.pop("status", None)
    if "fix_lane" in changes:
        lane = changes["fix_lane"]
        chosen = {"fix_lane": lane, "fix_lane_source": changes.get("fix_lane_source", "staff")}
        found_out = {"fix_lane": clusters.lane_of(cluster["name"]), "fix_lane_source": "llm"}
        changes |= found_out if lane is None else chosen
    record = clusters.change(world, cluster["id"], changes)
    return Reply(record if status is None else clusters.settle(world, record.document, status))


def issue_clusters_escalate(world: World, inputs: Inputs) -> Reply:
    """A new escalation (201), or the one that is still open (200)."""
    cluster = defaults.find(world, clusters.CLUSTERS, "cluster_id", inputs).document
    if cluster["status"] in clusters.SETTLED:
        raise Conflict(f"The cluster is {cluster['status']}; PATCH its status to open before escalating it.")
    note = defaults.given(inputs)["note"]
    escalation, new = clusters.escalate(world, cluster, note, inputs.request.user_id)
    return Reply(escalation.document, status=201 if new else 200)
