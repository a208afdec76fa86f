"""A synthetic month of use through the real doors."""
