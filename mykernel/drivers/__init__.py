"""Ways to drive a child. A language picks one; a driver knows no language."""
