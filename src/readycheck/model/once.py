"""What is worked out about a thing once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Answer = TypeVar("Answer")


class once(Generic[Answer]):  # noqa: N801 - a decorator, as `property` is
    """`functools.cached_property` for what is asked of each of very many things: that of Python 3.11 takes a lock.

    Args:
        work_out: gives the answer.
    """

    def __init__(self, work_out: Callable[[Any], Answer]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, thing: None, owner: type) -> once[Answer]: ...

    @overload
    def __get__(self, thing: object, owner: type) -> Answer: ...

    def __get__(self, thing: object | None, owner: type) -> once[Answer] | Answer:
        if thing is None:
            return self
        answer = thing.__dict__[self._name] = self._work_out(thing)
        return answer
