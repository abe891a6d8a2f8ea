"""Tasks done in child processes that inherit what they need.

A child is forked, so a plan that was compiled once serves all; the caller has no engine open then, and starts no
threads of its own. A child ends when its parent has ended, however that happened; its problem is the caller's.
"""

import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeAlias

from medpol.loading import CATALOGUE
from medpol.problems import Place, PolicyRejected, Problem

Begin: TypeAlias = Callable[[int], Callable[[Any], Any]]
"""Called once in each process with its number: what then does the tasks."""


@dataclass(frozen=True, slots=True)
class _Child:
    process: BaseProcess
    line: Connection


def done_in_processes(begin: Begin, tasks: Iterable[Any], many: int, not_for_children: Sequence[int]) -> Iterator[Any]:
    """The results, as they come. `not_for_children` are open files that only the caller is to hold.

    Raises PolicyRejected with a child's problems, or MP984 where a child ended by itself; children end then.
    """
    waiting = iter(tasks)
    alive, held = os.pipe()  # a child reads its end; it ends when nobody holds the other
    children: list[_Child] = []
    try:
        for number in range(many):
            children.append(_child(begin, number, alive, [held, *not_for_children]))
        busy = {child.line: child for child in children if _hand_over(child.line, waiting)}
        while busy:
            for line in wait(list(busy)):
                yield _result(busy[line])  # type: ignore[index]
                if not _hand_over(busy[line].line, waiting):  # type: ignore[index]
                    del busy[line]  # type: ignore[arg-type]
    finally:
        for child in children:
            child.process.kill()
            child.process.join()
            child.line.close()
        os.close(held)
        os.close(alive)


def _child(begin: Begin, number: int, alive: int, close: Sequence[int]) -> _Child:
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_live, args=(begin, number, theirs, alive, close), daemon=True)
    process.start()
    theirs.close()
    return _Child(process, ours)


def _hand_over(line: Connection, waiting: Iterator[Any]) -> bool:
    for task in waiting:
        line.send(task)
        return True
    return False


def _result(child: _Child) -> Any:
    try:
        kind, what = child.line.recv()
    except (EOFError, ConnectionError):
        child.process.join()
        message = f"a process that decided lines was ended (status {child.process.exitcode})"
        raise PolicyRejected([Problem(Place("--memory"), "MP984", message, CATALOGUE["MP984"].remedy)]) from None
    if kind == "problems":
        raise PolicyRejected(what)
    if kind == "error":
        raise RuntimeError(what)
    return what


def _live(begin: Begin, number: int, line: Connection, alive: int, close: Sequence[int]) -> None:
    for file in close:
        os.close(file)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its children
    threading.Thread(target=_end_with_parent, args=(alive,), daemon=True).start()
    with suppress(EOFError, ConnectionError):
        try:
            work = begin(number)
            while True:
                line.send(("result", work(line.recv())))
        except PolicyRejected as rejected:
            line.send(("problems", rejected.problems))
        except EOFError:
            raise
        except Exception:
            line.send(("error", traceback.format_exc()))


def _end_with_parent(alive: int) -> None:
    os.read(alive, 1)
    os._exit(1)
