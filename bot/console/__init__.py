"""The console of the staff under `/console`: pages made on the server, which work without scripts.

A request comes through `guard` to a module of `pages/`, which asks the parts below what to show; `frame` renders it.

- `app`: all pages as one router. `context`: what the console is given when it is put together.
- `guard`: who may do what: networks, sessions, tokens of forms, roles; `security` holds its small questions, the
  cookies and the headers; `refusals` what is said when something can't be done.
- `frame`: what is around every page: the list of pages, messages, files of style and scripts.
- What pages show: `panels` (tiles, charts), `counts` (tables over days), `entry_figures`, `conversation_steps`,
  `answers` (as residents get them), `states` (how things are). `query`: what an address asks for. `japanese`: how
  figures and days are written.
- What staff take away: `tables` (CSV, Excel), `files` (reports, made while a page waits).
"""
