"""Columns handed to DuckDB come out as what they stand for, NULL where they say so."""

from __future__ import annotations

import numpy as np

from ops import arrow, duck

ROWS = 5_000
IS_NULL = np.arange(ROWS) % 3 == 0


def test_every_kind_of_column_comes_out_as_it_went_in() -> None:
    cells = np.random.default_rng(1).integers(97, 123, (ROWS, 20)).astype(np.uint8)
    pool, ends = cells.reshape(-1), np.arange(1, ROWS + 1) * 20
    words = ["tỉnh", "", "xã"]
    columns = {
        "number": arrow.numbers(np.arange(ROWS)),
        "day": arrow.numbers(np.arange(ROWS, dtype=np.int32), IS_NULL),
        "small": arrow.numbers((np.arange(ROWS) % 200).astype(np.uint8)),
        "truth": arrow.truths(IS_NULL, IS_NULL),
        "id": arrow.fixed(cells),
        "text": arrow.spans("text", pool, ends - 20, ends),
        "piece": arrow.spans("blob", pool, ends - ends // 20 % 20, ends, IS_NULL),
        "blob": arrow.blobs([bytes(n % 7) for n in range(ROWS)], IS_NULL),
        "name": arrow.texts([f"Đơn vị {n}".encode() for n in range(ROWS)]),
        "word": arrow.coded((np.arange(ROWS) % 3).astype(np.int32), words, IS_NULL),
    }
    with duck.opened(threads=1) as connection, arrow.registered(connection, "page", columns):
        found = connection.execute("SELECT * FROM page").fetchall()

    assert [
        (
            n,
            None if n % 3 == 0 else n,
            n % 200,
            None if n % 3 == 0 else False,
            cells[n].tobytes(),
            cells[n].tobytes().decode(),
            None if n % 3 == 0 else cells[n].tobytes()[20 - (n + 1) % 20 :],
            None if n % 3 == 0 else bytes(n % 7),
            f"Đơn vị {n}",
            None if n % 3 == 0 else words[n % 3],
        )
        for n in range(ROWS)
    ] == found


def test_a_page_can_be_read_again_and_may_be_empty() -> None:
    none = {"number": arrow.numbers(np.zeros(0, np.int64)), "text": arrow.texts([])}
    with duck.opened(threads=1) as connection:
        with arrow.registered(connection, "page", none):
            assert [] == connection.execute("SELECT * FROM page").fetchall()
        with arrow.registered(connection, "page", {"number": arrow.numbers(np.arange(3))}):
            for _ in range(2):
                found = connection.execute("SELECT sum(number), count(*) FROM page")
                assert [(3, 3)] == found.fetchall()
