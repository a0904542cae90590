"""Deliberate defects, and whether the contract suite finds them."""
