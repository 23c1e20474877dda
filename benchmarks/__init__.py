"""Side by side with the plain way to send, in the same run on the same machine."""
