"""One limiter state for several processes: a board holds it, and each process changes it in short exchanges.

board -> message -> line -> exchange                       pure: who shares it, who is next, what is granted
board -> codec -> loader                                   as bytes, with the times of another clock
store -> (directory -> host_store, redis_store) -> look    where it stands
message -> (outbox, replica) -> shared_scheduler           one process: what it reports, and the thread for it
"""
