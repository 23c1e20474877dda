"""What a campaign caused: its arms, what became of them, and what may be said of it."""
