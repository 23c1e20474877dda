"""The JSON API: `/api/v1/`, described by `/api/v1/openapi.json`. It reads, and changes nothing."""
