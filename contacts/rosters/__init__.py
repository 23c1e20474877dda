"""Rosters fetched from a district's OneRoster service, and written for another system to read."""
