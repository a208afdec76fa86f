"""baresip (libre, BSD) as a telephone without a sound card: it says a WAV file and records what it hears.

Driven over its `ctrl_tcp` module: netstrings of JSON, commands answered and events told on the same connection.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import process
from .listening import Sound, silence, tone
from .process import Child

LIMIT_SECS = 150.0
MODULES = Path("/usr/lib/baresip/modules")
CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{sip}
net_interface 127.0.0.1
audio_source aufile,{folder}/say.wav
audio_player aufile,{folder}/loudspeaker.wav
audio_alert aufile,{folder}/ring.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {audio}-{last}
rtp_timeout 0
jitter_buffer_type off
call_max_calls 4
snd_path {folder}/heard
module_path {modules}
module g711.so
module aufile.so
module sndfile.so
module_tmp account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


class Baresip:
    """One telephone `sip:<name>@127.0.0.1:<port>`. `answers` takes calls at once (an operator); it keeps saying `say`.

    `codecs` as baresip names them ("pcmu", "pcma"), in order of preference. Ends after LIMIT_SECS by itself.
    """

    def __init__(
        self, folder: Path, name: str = "caller", answers: bool = False, say: Sound | None = None,
        codecs: str = "pcmu", port: int = 0, password: str = "",
    ) -> None:  # fmt: skip
        self.name = name
        self.port = port or process.port()
        self.folder = folder
        (folder / "heard").mkdir(parents=True)
        # A source file that ends makes baresip hang up, so silence follows what it says.
        (silence(1.0) if say is None else say).followed_by_silence(LIMIT_SECS).write(folder / "say.wav")
        tone(440, 0.2, level=0.0).write(folder / "ring.wav")
        control, audio = process.port(), process.block()
        settings = {"sip": self.port, "folder": folder, "audio": audio, "last": audio + 19}
        (folder / "config").write_text(CONFIG.format(modules=MODULES, control=control, **settings))
        mode = "auto" if answers else "manual"
        login = f";auth_user={name};auth_pass={password}" if password else ""
        (folder / "accounts").write_text(f"<{self.address}>;regint=0;answermode={mode};audio_codecs={codecs}{login}\n")
        (folder / "contacts").touch()
        self.child = Child("baresip", ["baresip", "-4", "-s", "-f", str(folder)], folder, LIMIT_SECS)
        self.events: list[dict[str, Any]] = []
        self._unread = b""
        try:
            self.child.until("baresip is ready")
            self._control = socket.create_connection(("127.0.0.1", control), timeout=5)
        except BaseException:
            self.child.stop()
            raise

    @property
    def address(self) -> str:
        """Its SIP URI."""
        return f"sip:{self.name}@127.0.0.1:{self.port}"

    # -- what a person does with it ----------------------------------------------------------------------------

    def dial(self, target: str, established: bool = True) -> None:
        """Call a SIP URI; returns when the call is up (unless told otherwise)."""
        self.command("dial", target)
        if established:
            self.until("CALL_ESTABLISHED")

    def press(self, keys: str) -> None:
        """Press keys, each 100 ms (RFC 4733), half a second apart."""
        for key in keys:
            self.command("sndcode", key)
            time.sleep(0.1)
            self.command("sndcode", "\x04")  # released
            time.sleep(0.4)

    def hold(self) -> None:
        """Put the call on hold (re-INVITE sendonly). Version 1.0 records nothing more of a call that was ever held."""
        self.command("hold")

    def resume(self) -> None:
        """Take it off hold."""
        self.command("resume")

    def hang_up(self) -> None:
        """End the call; returns when it is over."""
        self.command("hangup")
        self.until("CALL_CLOSED")

    # -- what it tells -----------------------------------------------------------------------------------------

    def command(self, name: str, parameters: str = "") -> None:
        """Any command of baresip's; its answer is waited for and must be ok."""
        token = f"{time.monotonic_ns()}"
        body = json.dumps({"command": name, "params": parameters, "token": token}).encode()
        self._control.sendall(b"%d:%s," % (len(body), body))
        answer = self._look(lambda message: message.get("token") == token, 5.0)
        assert answer["ok"], answer

    def until(self, event: str, within_secs: float = 15.0) -> dict[str, Any]:
        """The first event of a type ("CALL_ESTABLISHED", "CALL_CLOSED", "CALL_RTPESTAB" …) since it started."""
        for seen in self.events:
            if seen.get("type") == event:
                return seen
        return self._look(lambda message: message.get("type") == event, within_secs)

    def heard(self) -> Sound:
        """What its latest call has heard: everything decoded, without the gaps of packets that were not sent."""
        files = sorted((self.folder / "heard").glob("*-dec.wav"), key=lambda file: file.stat().st_mtime_ns)
        assert files, f"nothing recorded:\n{self.child.printed()[-2000:]}"
        return Sound.read(files[-1])

    def told(self, event: str) -> list[dict[str, Any]]:
        """All events of a type so far."""
        self.events += [message for message in self._read(time.monotonic() + 0.05) if message.get("event")]
        return [seen for seen in self.events if seen.get("type") == event]

    def stop(self) -> None:
        """End the program; recordings are complete afterwards."""
        self._control.close()
        self.child.stop()

    def _look(self, wanted: Callable[[dict[str, Any]], bool], within_secs: float) -> dict[str, Any]:
        until = time.monotonic() + within_secs
        while True:
            came = self._read(until)
            self.events += [message for message in came if message.get("event")]
            for message in came:
                if wanted(message):
                    return message
            assert time.monotonic() < until, f"not told within {within_secs} s; told: {self.events}"

    def _read(self, until: float) -> list[dict[str, Any]]:
        self._control.settimeout(max(0.01, until - time.monotonic()))
        try:
            got = self._control.recv(65_536)
        except TimeoutError:
            return []
        assert got, f"baresip ended:\n{self.child.printed()[-2000:]}"
        self._unread += got
        messages = []
        while b":" in self._unread:
            length, rest = self._unread.split(b":", 1)
            if len(rest) <= int(length):
                break
            messages.append(json.loads(rest[: int(length)]))
            self._unread = rest[int(length) + 1 :]
        return messages
