"""linphonec (belle-sip, mediastreamer) as a telephone without a sound card: says a WAV file, records what it hears."""

from __future__ import annotations

import contextlib
import subprocess
import time
from pathlib import Path

from . import process
from .listening import Sound, silence
from .process import Child

LIMIT_SECS = 150.0
# Without `ipv6_migration_done` the line before it is ignored; without a listening TCP port no UDP call goes out.
CONFIG = """\
[sip]
sip_port={sip}
sip_tcp_port={sip}
sip_tls_port=0
use_ipv6=0
ipv6_migration_done=1
bind_address=127.0.0.1
use_info={info}
use_rfc2833={events}
[rtp]
audio_rtp_port={audio}
audio_adaptive_jitt_comp_enabled=0
bind_address=127.0.0.1
[net]
mtu=1300
"""
LOGIN = """\
[auth_info_0]
username={user}
passwd={password}
realm=madoguchi
"""


class Linphone:
    """One telephone; ends after LIMIT_SECS by itself. `info`: keys go as SIP INFO instead of RFC 4733; `login`: what
    it says when it is asked for (user, password)."""

    def __init__(
        self, folder: Path, say: Sound | None = None, info: bool = False, login: tuple[str, str] | None = None
    ) -> None:
        self.folder = folder
        for needed in (".local/share/linphone", ".config/linphone"):  # or its database stops it before it listens
            (folder / needed).mkdir(parents=True)
        numbers = {"sip": process.port(), "audio": process.block(), "info": int(info), "events": int(not info)}
        known = LOGIN.format(user=login[0], password=login[1]) if login else ""
        (folder / "linphonerc").write_text(CONFIG.format(**numbers) + known)
        (silence(1.0) if say is None else say).followed_by_silence(LIMIT_SECS).write(folder / "say.wav")
        self.child = Child("linphone", ["linphonec", "-c", str(folder / "linphonerc")], folder, LIMIT_SECS)
        try:
            self.child.until("linphonec>")
            for line in ("soundcard use files", f"record {folder}/heard.wav", f"play {folder}/say.wav"):
                self.child.type(line)
        except BaseException:
            self.child.stop()
            raise

    def dial(self, target: str, until: str = "Media streams established") -> None:
        """Call a SIP URI; returns when audio flows, or when it prints something else."""
        self.child.type(f"call {target}")
        self.child.until(until)

    def press(self, keys: str) -> None:
        """Press keys, three quarters of a second apart."""
        for key in keys:
            self.child.type(key)
            time.sleep(0.75)

    def hold(self, seconds: float) -> None:
        """Put the call on hold for a while; returns when audio flows again."""
        self.child.type("pause")
        self.child.until("is now paused")
        time.sleep(seconds)
        self.child.type("resume")
        self.child.until("Media streams established", times=2)

    def hang_up(self) -> None:
        """End the call; returns when it is over."""
        self.child.type("terminate")
        self.ended()

    def ended(self, within_secs: float = 15.0) -> None:
        """Until the call is over, whoever ended it."""
        self.child.until(" ended", within_secs)

    def heard(self) -> Sound:
        """What it has heard; complete once it is stopped."""
        return Sound.read(self.folder / "heard.wav")

    def stop(self) -> None:
        """End the program."""
        if self.child.running:
            self.child.type("quit")
            with contextlib.suppress(subprocess.TimeoutExpired):  # it may be asking for something
                self.child.wait(5)
        self.child.stop()
