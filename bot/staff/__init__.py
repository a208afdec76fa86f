"""Who may use the console: accounts, sessions, the audit log."""
