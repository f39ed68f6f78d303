"""Log frames: cut anywhere, mixed, binary, endless; nothing is lost and nothing is invented."""

from __future__ import annotations

import pytest

from tui.engines.docker.logs import LONGEST, Decoder

STAMP = "2026-11-23T16:30:42.086695761Z"


def frame(stream: int, text: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


def texts(decoder: Decoder, *chunks: bytes) -> list[str]:
    return [line.text for chunk in chunks for line in decoder.feed(chunk)] + [line.text for line in decoder.flush()]


BYTES = frame(1, f"{STAMP} one\n".encode()) + frame(2, f"{STAMP} zwö €\n".encode()) + frame(1, f"{STAMP} end".encode())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 50, 1000])
def test_frames_may_be_cut_anywhere(size):
    decoder = Decoder(raw=False)
    chunks = [BYTES[begin : begin + size] for begin in range(0, len(BYTES), size)]
    lines = [line for chunk in chunks for line in decoder.feed(chunk)] + decoder.flush()
    assert [(line.text, line.stream, line.stamp) for line in lines] == [
        ("one", "stdout", STAMP),
        ("zwö €", "stderr", STAMP),
        ("end", "stdout", STAMP),
    ]


def test_a_frame_cut_off_at_the_end_is_still_shown():
    assert texts(Decoder(raw=False), frame(1, f"{STAMP} whole\n".encode()), frame(1, f"{STAMP} cut in two\n".encode())[:-6]) == [
        "whole",
        "cut i",
    ]


def test_the_parts_of_a_long_line_are_joined_and_their_stamps_taken_out():
    parts = [frame(1, f"{STAMP} {'a' * 16384}".encode()), frame(1, f"{STAMP} bbb\n".encode())]
    assert texts(Decoder(raw=False), *parts) == ["a" * 16384 + "bbb"]


def test_streams_do_not_mix_within_a_line():
    long = "o" * 16384
    chunks = [frame(1, f"{STAMP} {long}".encode()), frame(2, f"{STAMP} err\n".encode()), frame(1, f"{STAMP} put\n".encode())]
    assert texts(Decoder(raw=False), *chunks) == ["err", long + "put"]


def test_the_last_words_of_a_program_are_not_glued_to_the_first_of_its_next_run():
    chunks = [frame(1, f"{STAMP} end".encode()), frame(1, f"{STAMP} hello\n".encode())]
    assert texts(Decoder(raw=False), *chunks) == ["end", "hello"]


def test_a_letter_split_over_frames_is_whole():
    euro = "€".encode()
    assert texts(Decoder(raw=False), frame(1, f"{STAMP} ".encode() + euro[:1]), frame(1, euro[1:] + b"\n")) == ["€"]


def test_bytes_that_are_no_text_are_marked_not_dropped():
    assert texts(Decoder(raw=False), frame(1, f"{STAMP} a".encode() + b"\xff\x00b\n")) == ["a\ufffd\x00b"]


@pytest.mark.parametrize("size", [1, 5, 31, 400])
def test_a_terminal_has_no_frames(size):
    raw = f"{STAMP} one\r\n{STAMP} \r\n{STAMP} two".encode()
    decoder = Decoder(raw=True)
    lines = [line for begin in range(0, len(raw), size) for line in decoder.feed(raw[begin : begin + size])] + decoder.flush()
    assert [(line.text, line.stamp) for line in lines] == [("one", STAMP), ("", STAMP), ("two", STAMP)]


def test_a_line_without_end_does_not_fill_the_memory():
    decoder = Decoder(raw=False)
    lines = [line for _ in range(40) for line in decoder.feed(frame(1, b"x" * 65536))]
    assert lines
    assert max(len(line.text) for line in lines) <= LONGEST + 65536


def test_details_name_the_task():
    line = Decoder(raw=False, details=True).feed(frame(1, f"{STAMP} com.docker.swarm.task.id=abc hello there\n".encode()))[0]
    assert (line.source, line.text) == ("com.docker.swarm.task.id=abc", "hello there")
