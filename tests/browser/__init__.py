"""The widget in a real browser (docs: style.md 1, widget gate)."""
