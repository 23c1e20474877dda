"""Pictures drawn on the server: accessible SVG with classes only, a data table beside each."""
