"""The database: events, figures of past days, staff. SQLite on one machine, PostgreSQL when scaled out."""
