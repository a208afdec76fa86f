"""Real telephones against the real service: SIPp, baresip and linphone on 127.0.0.1 (style: voice.md 1.2)."""
