"""Rendering in worker processes: everything, in order, and past what fails."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pytest

from voice.g711 import Clip
from voice.speech import rendering
from voice.speech.prompts import PromptStore
from voice.speech.pronunciation import Line, Pronunciation
from voice.speech.recordings import Recordings
from voice.speech.rendering import Renderer, make
from voice.speech.segments import Segment

pytestmark = pytest.mark.slow

TEXT = "納付書の再発行は1を、住所変更は2を押してください。番号は、0570-012-229です。"


def test_what_is_missing_is_rendered_and_what_is_there_is_left(tmp_path: Path) -> None:
    prompts = PromptStore(tmp_path, Pronunciation(), Recordings())
    spoken = [(TEXT, "ja"), ("Thank you for calling.", "en")]
    seen: list[tuple[int, int]] = []
    with Renderer() as renderer:
        missing = prompts.missing(spoken)
        assert renderer.render(missing, prompts, lambda done, of: seen.append((done, of))) == len(missing)
        assert seen == [(count, len(missing)) for count in range(1, len(missing) + 1)]
        assert renderer.render(prompts.missing(spoken), prompts) == 0
        clip = prompts.clip(TEXT)
        assert clip is not None
        assert 8 < clip.seconds < 25
        before = {file: file.stat().st_mtime_ns for file in tmp_path.glob("??/*")}
        lines = (Line(word="納付書", reading="ノウフショ", accent="0"),)
        changed = PromptStore(tmp_path, Pronunciation(lines=lines), Recordings())
        assert renderer.render(changed.missing(spoken), changed) == 1  # the one sentence with this word
    assert {file: file.stat().st_mtime_ns for file in tmp_path.glob("??/*") if file in before} == before


def test_segment_that_fails_stops_no_other(tmp_path: Path) -> None:
    prompts = PromptStore(tmp_path, Pronunciation(), Recordings(folder=str(tmp_path)))
    broken = [Segment("x", "xx"), Segment("はい。", recording=("none.wav", "0")), Segment("♪")]
    with Renderer(workers=1) as renderer:
        assert renderer.render([broken[0], Segment("はい。"), *broken[1:], Segment("いいえ。")], prompts) == 2
        assert [failure.segment for failure in renderer.failures] == broken
        assert all("。" in failure.why or "録音" in failure.why for failure in renderer.failures)
        assert renderer.render([], prompts) == 0
        assert renderer.failures == ()


def test_worker_that_dies_or_hangs_costs_one_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "make", _make_or_die)
    prompts = PromptStore(tmp_path, Pronunciation(), Recordings())
    with Renderer(workers=1, limit_seconds=4) as renderer:
        assert renderer.render([Segment("はい。"), Segment("die"), Segment("いいえ。")], prompts) == 2
        assert [failure.segment.words for failure in renderer.failures] == ["die"]


def _make_or_die(segment: Segment, dictionary: Path | None, recordings: str) -> Clip | str:
    if segment.words == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return make(segment, dictionary, recordings)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_close_returns_when_idle_workers_were_killed(tmp_path: Path, how: signal.Signals) -> None:
    """As systemd does: the signal to stop goes to every process of the service."""
    prompts = PromptStore(tmp_path, Pronunciation(), Recordings())
    renderer = Renderer(workers=2)
    assert renderer.render([Segment("はい。")], prompts) == 1
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, how)
        child.join(10)
    closing = threading.Thread(target=renderer.close)
    closing.start()
    closing.join(10)
    assert not closing.is_alive()


def test_worker_killed_while_idle_is_replaced(tmp_path: Path) -> None:
    prompts = PromptStore(tmp_path, Pronunciation(), Recordings())
    with Renderer(workers=1) as renderer:
        assert renderer.render([Segment("はい。")], prompts) == 1
        for child in multiprocessing.active_children():
            child.kill()
            child.join(10)
        assert renderer.render([Segment("いいえ。")], prompts) == 1


def test_close_ends_a_running_render(tmp_path: Path) -> None:
    prompts = PromptStore(tmp_path, Pronunciation(), Recordings())
    renderer = Renderer(workers=1)
    begun = threading.Event()
    segments = [Segment(f"{count}番目の、とても長い文を読み上げています。") for count in range(200)]
    done: list[int] = []

    def run() -> None:
        done.append(renderer.render(segments, prompts, lambda *_: begun.set()))

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(60)
    renderer.close()
    thread.join(30)
    assert not thread.is_alive()
    assert 1 <= done[0] < 200
    renderer.close()
    assert renderer.render(segments, prompts) == 0


def test_sound_is_the_same_in_every_process(tmp_path: Path) -> None:
    prompts = PromptStore(tmp_path, Pronunciation(), Recordings())
    segment = Segment("自動車税のご案内です。")
    with Renderer(workers=1) as renderer:
        renderer.render([segment], prompts)
    clip = make(segment, None, "")
    assert isinstance(clip, Clip)
    (file,) = tmp_path.glob("??/*.ulaw")
    assert file.read_bytes() == clip.ulaw
