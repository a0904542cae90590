"""What a test holds: an organization of its own, and a receiver for what it is sent."""
