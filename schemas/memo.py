"""Remember what was worked out once for a class."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

_T = TypeVar("_T")


def per_class(work: Callable[[Any], _T]) -> Callable[[Any], _T]:
    """functools.cache for functions of one class; typed, because mypy holds classes unhashable."""
    return cache(work)
