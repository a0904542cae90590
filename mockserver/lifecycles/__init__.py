"""What happens to resources over time: calls, grades, numbers. Every function that a timer runs is here."""
