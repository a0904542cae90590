"""What a client team would have to change when one published API replaces another: `mockserver spec diff`.

Pure: two documents in, a Comparison out. What a change means depends on its direction. The client writes requests
(and answers to events), so it is hurt when less is taken; it reads responses (and events), so it is hurt when more
may come.

    rules        every kind of change: its code, its severity, what follows for a client
    findings     one change, where it stands, and the changes that belong together
    likeness     which of the new names an old one has probably become
    views        one schema as the set of values it takes: `allOf` merged, null apart
    schemas      two schemas, by direction; a shared one is compared once
    operations   two documents: operations, parameters, bodies, responses, security, events
    reports      a Comparison as text, Markdown or JSON
"""
