"""The console of the staff under `/console`: server-rendered pages."""
