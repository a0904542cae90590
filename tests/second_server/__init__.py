"""Another implementation of a part of the April contract, written from its pages, without any of the mock's code."""
