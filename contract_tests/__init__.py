"""The contract suite: does an implementation of the API keep the contract? It says so from outside, over HTTP.

Nothing in here imports mockserver. The suite reads the contract's OpenAPI document, speaks HTTP with whatever
answers at a base URL, and judges one law after the other:

    laws/            what must hold, one small named function each, with a stable code and its source
    law.py           what a law is, and what one may need to be judged
    trial.py         what a law works with: organizations, calls, time, a receiver for webhooks
    client.py        one implementation, as one API key; every exchange is kept and held against the document
    document.py      the OpenAPI document, as far as the suite needs it
    judge.py         judges laws: which can be, which cannot and why, and what was found
    reports/         what people and programs are told: terminal, JUnit, JSON, HTML, baseline
    conftest.py      the same through pytest
"""
