"""Another implementation of a part of the April contract, written from its pages; no code is shared with the mock."""
