"""Monthly, weekly and daily reports: Excel, HTML, PDF. Reads figures, counts nothing itself."""
