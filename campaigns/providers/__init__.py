"""What providers tell us: signed calls, taken in once."""
