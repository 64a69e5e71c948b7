"""Columns of numpy handed to DuckDB as they lie in memory: the Arrow C stream interface.

DuckDB takes any object that can give such a stream, without the library pyarrow; no Python object
is made per cell.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

_FORMATS = {"int64": b"l", "int32": b"i", "uint8": b"C"}
_VIEWS = {"text": b"vu", "blob": b"vz"}
VIEWED_BYTES, PREFIX_BYTES = 12, 4
"""What is not longer stands in a view itself; of what is longer so much."""
POOL_BYTES_MAX = 2**31 - 1
_NULLABLE = 2
_CAPSULE = b"arrow_array_stream"


class Column(NamedTuple):
    """One column: how Arrow calls its type, its buffers, where it is NULL, and its words.

    `words` is what a column of numbers stands for, where each number is one of few words.
    """

    format: bytes
    rows: int
    buffers: tuple[NDArray[Any], ...]
    is_null: NDArray[np.bool_] | None = None
    words: Column | None = None


def numbers(values: NDArray[Any], is_null: NDArray[np.bool_] | None = None) -> Column:
    """A column of int64, int32 or uint8."""
    return Column(
        _FORMATS[values.dtype.name], len(values), (np.ascontiguousarray(values),), is_null
    )


def truths(values: NDArray[np.bool_], is_null: NDArray[np.bool_] | None = None) -> Column:
    """A column of yes and no."""
    return Column(b"b", len(values), (np.packbits(values, bitorder="little"),), is_null)


def fixed(cells: NDArray[np.uint8], is_null: NDArray[np.bool_] | None = None) -> Column:
    """Byte strings of one length: one a row of a matrix."""
    rows, width = cells.shape
    return Column(b"w:%d" % width, rows, (np.ascontiguousarray(cells),), is_null)


def blobs(values: Sequence[bytes], is_null: NDArray[np.bool_] | None = None) -> Column:
    """Byte strings of any length; what stands where it is NULL is not looked at."""
    return _ragged(b"Z", values, is_null)


def texts(values: Sequence[bytes], is_null: NDArray[np.bool_] | None = None) -> Column:
    """Texts, as their UTF-8 bytes."""
    return _ragged(b"U", values, is_null)


def spans(
    kind: Literal["text", "blob"],
    pool: NDArray[np.uint8],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    is_null: NDArray[np.bool_] | None = None,
) -> Column:
    """Pieces of a pool of at most 2 GB, which is not copied; a text must be UTF-8.

    Raises ValueError where the pool is larger.
    """
    if len(pool) > POOL_BYTES_MAX:
        raise ValueError(f"a pool of {len(pool)} bytes is too large to point into")
    size = stop - start
    views = np.zeros((len(start), 4), np.int32)
    views[:, 0] = size
    views[:, 3] = start
    # The first bytes stand in the view itself, and of a short piece all of them.
    inside = np.minimum(size, np.where(size > VIEWED_BYTES, PREFIX_BYTES, VIEWED_BYTES))
    cells = views.view(np.uint8).reshape(len(start), 16)
    is_short = size <= VIEWED_BYTES
    cells[is_short, 12:] = 0
    for at in range(VIEWED_BYTES):
        rows = np.flatnonzero(inside > at)
        cells[rows, 4 + at] = pool[start[rows] + at]
    sizes = np.array([len(pool)], np.int64)
    return Column(_VIEWS[kind], len(start), (views, pool, sizes), is_null)


def coded(
    codes: NDArray[np.int32],
    words: Sequence[str] | Column,
    is_null: NDArray[np.bool_] | None = None,
) -> Column:
    """Texts that are one of few words: the word's place, row by row."""
    of_words = words if isinstance(words, Column) else texts([word.encode() for word in words])
    return Column(b"i", len(codes), (np.ascontiguousarray(codes),), is_null, of_words)


def _ragged(kind: bytes, values: Sequence[bytes], is_null: NDArray[np.bool_] | None) -> Column:
    ends = np.zeros(len(values) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, values), np.int64, len(values)), out=ends[1:])
    # One byte more, so that the address of an empty column is one.
    joined = np.frombuffer(b"".join(values) + b"\x00", np.uint8)
    return Column(kind, len(values), (ends, joined), is_null)


class _Schema(ctypes.Structure):
    pass


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_ON_SCHEMA = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))
_ON_ARRAY = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))
_ON_STREAM = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Stream))
_GIVE_SCHEMA = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema))
_GIVE_ARRAY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))
_LAST_ERROR = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(_Stream))

_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.POINTER(_Schema)),
    ("release", _ON_SCHEMA),
    ("private_data", ctypes.c_void_p),
]
_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
    ("dictionary", ctypes.POINTER(_Array)),
    ("release", _ON_ARRAY),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", _GIVE_SCHEMA),
    ("get_next", _GIVE_ARRAY),
    ("get_last_error", _LAST_ERROR),
    ("release", _ON_STREAM),
    ("private_data", ctypes.c_void_p),
]


# Nothing is freed by a release: the object that gives the stream holds all of it.
_release_schema = _ON_SCHEMA(lambda given: setattr(given[0], "release", _ON_SCHEMA()))
_release_array = _ON_ARRAY(lambda given: setattr(given[0], "release", _ON_ARRAY()))
_release_stream = _ON_STREAM(lambda given: setattr(given[0], "release", _ON_STREAM()))
_no_error = _LAST_ERROR(lambda _: None)


class Page:
    """Columns of equal length by their names, as DuckDB reads them; hold it while it does."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._held: list[Any] = []
        rows = next(iter(columns.values())).rows
        self._schema = self._schema_of(b"+s", b"", 0)
        self._array = self._array_of(rows, 0, [None])
        self._children(
            [self._column_schema(name, column) for name, column in columns.items()],
            [self._column_array(column) for column in columns.values()],
        )
        self._streams: list[_Stream] = []

    def __arrow_c_stream__(self, _requested: Any = None) -> Any:
        """A capsule with a stream of one array, as the interface asks for."""
        left = [self._array]

        def give_schema(_: Any, out: Any) -> int:
            ctypes.pointer(out[0])[0] = self._schema
            return 0

        def give_array(_: Any, out: Any) -> int:
            ctypes.pointer(out[0])[0] = left.pop() if left else _Array()
            return 0

        stream = _Stream(
            _GIVE_SCHEMA(give_schema), _GIVE_ARRAY(give_array), _no_error, _release_stream, None
        )
        self._streams.append(stream)
        make = ctypes.pythonapi.PyCapsule_New
        make.restype = ctypes.py_object
        make.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return make(ctypes.addressof(stream), _CAPSULE, None)

    def forget(self) -> None:
        """Let go of the columns, once nobody reads them."""
        # A stream's functions know the page, which would otherwise wait for the collector.
        self._streams.clear()
        self._held.clear()

    def _hold(self, thing: Any) -> Any:
        self._held.append(thing)
        return thing

    def _schema_of(self, kind: bytes, name: bytes, flags: int) -> _Schema:
        made = _Schema(format=kind, name=name, flags=flags, release=_release_schema)
        return self._hold(made)  # type: ignore[no-any-return]

    def _array_of(self, rows: int, nulls: int, buffers: Sequence[int | None]) -> _Array:
        places = self._hold((ctypes.c_void_p * len(buffers))(*buffers))
        made = _Array(
            length=rows,
            null_count=nulls,
            n_buffers=len(buffers),
            buffers=ctypes.cast(places, ctypes.POINTER(ctypes.c_void_p)),
            release=_release_array,
        )
        return self._hold(made)  # type: ignore[no-any-return]

    def _children(self, schemas: list[_Schema], arrays: list[_Array]) -> None:
        of_schemas = (ctypes.POINTER(_Schema) * len(schemas))(*map(ctypes.pointer, schemas))
        of_arrays = (ctypes.POINTER(_Array) * len(arrays))(*map(ctypes.pointer, arrays))
        self._held += [of_schemas, of_arrays]
        self._schema.n_children = self._array.n_children = len(schemas)
        self._schema.children = ctypes.cast(of_schemas, type(self._schema.children))
        self._array.children = ctypes.cast(of_arrays, type(self._array.children))

    def _column_schema(self, name: str, column: Column) -> _Schema:
        flags = 0 if column.is_null is None else _NULLABLE
        made = self._schema_of(column.format, name.encode(), flags)
        if column.words is not None:
            made.dictionary = ctypes.pointer(self._column_schema("", column.words))
        return made

    def _column_array(self, column: Column) -> _Array:
        nulls, valid = 0, None
        if column.is_null is not None:
            nulls = int(column.is_null.sum())
            bits = self._hold(np.packbits(~column.is_null, bitorder="little"))
            valid = bits.ctypes.data if len(bits) else None
        buffers = [self._hold(one).ctypes.data for one in column.buffers]
        made = self._array_of(column.rows, nulls, [valid, *buffers])
        if column.words is not None:
            made.dictionary = ctypes.pointer(self._column_array(column.words))
        return made


@contextmanager
def registered(connection: Any, name: str, columns: Mapping[str, Column]) -> Iterator[None]:
    """Let a connection read the columns under a name, until the end of the block."""
    page = Page(columns)
    connection.register(name, page)
    try:
        yield
    finally:
        connection.unregister(name)
        page.forget()
