"""GET /api/v1/stream: one poll of the database per process, told to all who listen.

events      how an event is written
journal     the last events, by number: who reconnects goes on from there
look        one look at the database, as events
watcher     looks once a second, as long as somebody listens
streams     who listens
"""
