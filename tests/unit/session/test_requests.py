# SPDX-License-Identifier: Apache-2.0
"""Requests reach the owner in order, and never a descriptor that is not the mailbox's own."""

from __future__ import annotations

import os
import select
import threading

from xcrash.session.requests import Answer, Close, Interrupt, Mailbox


def test_requests_posted_before_the_pipe_exists_are_kept() -> None:
    mailbox = Mailbox()
    mailbox.post(Interrupt())
    mailbox.open()
    assert list(mailbox.take()) == [Interrupt()]
    assert list(mailbox.take()) == []
    mailbox.close()


def test_a_request_wakes_the_owner_until_it_is_taken() -> None:
    mailbox = Mailbox()
    mailbox.open()
    mailbox.post(Answer(b"y"))
    mailbox.post(Close())
    assert select.select([mailbox.wake], [], [], 60)[0] == [mailbox.wake]
    assert list(mailbox.take()) == [Answer(b"y"), Close()]
    assert select.select([mailbox.wake], [], [], 0)[0] == []
    mailbox.close()


def test_more_requests_than_the_pipe_holds_are_all_taken() -> None:
    mailbox = Mailbox()
    mailbox.open()
    for _ in range(70_000):
        mailbox.post(Interrupt())
    assert len(list(mailbox.take())) == 70_000
    mailbox.close()


def test_posting_after_the_end_touches_no_descriptor() -> None:
    mailbox = Mailbox()
    mailbox.open()
    mailbox.close()
    read, write = os.pipe()
    os.set_blocking(read, False)
    mailbox.post(Close())
    assert select.select([read], [], [], 0)[0] == []
    os.close(read)
    os.close(write)
    mailbox.close()


def test_posting_from_many_threads_loses_nothing() -> None:
    mailbox = Mailbox()
    mailbox.open()

    def post(number: int) -> None:
        for _ in range(500):
            mailbox.post(Answer(b"%d" % number))

    threads = [threading.Thread(target=post, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = list(mailbox.take())
    assert len(taken) == 4000
    assert {taken.count(Answer(b"%d" % number)) for number in range(8)} == {500}
    mailbox.close()
