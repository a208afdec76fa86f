"""Who may use the console: accounts, signing in, sessions, the audit log. It knows nothing of web pages."""
