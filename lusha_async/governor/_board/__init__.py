"""One limiter state for several processes: a board holds it, and each process changes it in short exchanges.

    codec -> board -> store -> (directory -> host_store, redis_store) -> clerk

`board` is pure: what a process reports and asks for, and what it is granted. A store commits one change after the
other; the clerk is the thread of a process that carries the changes there and the grants back.
"""
