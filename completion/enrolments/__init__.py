"""Seniors of schools, from files: what every rate is divided by."""
