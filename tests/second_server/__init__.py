"""Another implementation of a part of the April contract, written from its pages; it shares no code with the mock."""
