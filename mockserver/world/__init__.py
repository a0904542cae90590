"""All state of one organization: its collections, clock, events and journal."""
