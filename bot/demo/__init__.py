"""A synthetic month of use: residents who do not exist ask, press and hang up at the real doors (`madoguchi demo`).

Knows nothing of HTTP or telephones: it sees the doors as `doors.Chat` and `doors.Telephone` only.
"""
