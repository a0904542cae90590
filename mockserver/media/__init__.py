"""Recordings of calls, and the signed URLs they are fetched with."""
