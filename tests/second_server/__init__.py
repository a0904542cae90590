"""Another implementation of a part of the April contract, written from its pages, with none of the mock's code."""
