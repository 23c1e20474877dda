"""When a message may go, and when it comes."""
