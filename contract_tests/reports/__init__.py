"""What a run tells: a terminal, JUnit, JSON, one HTML page, and a baseline of what is known."""
