"""Whom a campaign is for: conditions, audiences, arms."""
