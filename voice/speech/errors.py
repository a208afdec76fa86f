"""The root of what goes wrong with speech.

SpeechError            read by operators and editors: its words are Japanese
├── TextTooLong        (segments)      a text that nobody listens to
├── BrokenRecording    (wave_file)     not a whole PCM WAV file
├── NotSpoken          (synthesis)     a segment came to no sound
├── EspeakFailed       (espeak)        another language's engine
├── SystemVoiceFailed  (system_voice)  the operating system's voice
└── NoRecognition      (recognition)   no model, or not one
"""

from __future__ import annotations


class SpeechError(ValueError):
    """Its text is a Japanese sentence that may be shown as it is."""
