"""A program of its own, started by `espeak`: JSON on standard input, on standard output the rate (4 octets, little
endian) and 16-bit samples. It imports nothing of ours: espeak-ng is GPL-3, and this is the only place that loads it.
"""

from __future__ import annotations

import ctypes
import json
import sys

_RETRIEVAL, _UTF8, _RATE_PARAMETER = 1, 1, 1  # AUDIO_OUTPUT_RETRIEVAL, espeakCHARS_UTF8, espeakRATE of speak_lib.h
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main() -> None:
    """Say one request."""
    import espeakng_loader  # noqa: PLC0415  (an optional package)

    request = json.load(sys.stdin)
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_RETRIEVAL, 200, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        sys.exit("espeak_Initialize failed")
    sound = bytearray()

    def collect(samples: object, count: int, _events: object) -> int:
        if samples:
            sound.extend(ctypes.string_at(samples, count * 2))  # type: ignore[arg-type]
        return 0

    callback = _CALLBACK(collect)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(request["voice"].encode()):
        sys.exit(f"no voice {request['voice']}")
    library.espeak_SetParameter(_RATE_PARAMETER, int(request["rate"]), 0)
    words = request["words"].encode() + b"\0"
    library.espeak_Synth(words, ctypes.c_size_t(len(words)), 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    sys.stdout.buffer.write(int(rate).to_bytes(4, "little") + bytes(sound))


if __name__ == "__main__":
    main()
