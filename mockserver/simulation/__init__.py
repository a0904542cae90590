"""Pretend conversations: what is said in a simulated call, when, how it ends and how it is graded."""
