# -*- coding: utf-8 -*-
"""Writes old_jobs.json: rows of the jobs table of 0.x, pickled by the programs of that time.

Run once per environment, each with a Python and an APScheduler of old (2.7 and 3.0.0 up to 3.11);
it adds to the file in the current folder what that environment writes:

    /path/to/old/python make_old_jobs.py LABEL

The tests read the file only. Nothing here is needed to run them.
"""
from __future__ import print_function, unicode_literals

import base64
import datetime
import decimal
import io
import json
import os
import pickle
import sys
import types

import apscheduler
import pytz
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

PY2 = sys.version_info[0] == 2
OLD = "ndscheduler.core.scheduler.base:SingletonScheduler.run_job"
NEW = "ndscheduler.corescheduler.core.base:BaseScheduler.run_job"
CLASS = "simple_scheduler.jobs.sample_job.AwesomeJob"
DATABASE = (
    "ndscheduler.corescheduler.datastore.providers.sqlite.DatastoreSqlite",
    {"file_path": "datastore.db", "password": "s3cret"},
    {"jobs_tablename": "scheduler_jobs", "executions_tablename": "scheduler_execution"},
)
NEXT = datetime.datetime(2026, 11, 23, 7, 55, 0, 123456)


class Custom(object):
    """A class of the user's, which the upgrade must not import."""

    def __init__(self, colour):
        self.colour = colour


def module(name, **members):
    made = types.ModuleType(str(name))
    made.__dict__.update((str(key), value) for key, value in members.items())
    sys.modules[name] = made
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, made)
    return made


class Scheduler(object):
    @classmethod
    def run_job(cls, *args, **kwargs):
        pass


def stub_modules():
    parts = ["ndscheduler", "ndscheduler.core", "ndscheduler.core.scheduler"]
    parts += ["ndscheduler.corescheduler", "ndscheduler.corescheduler.core", "myapp"]
    for name in parts:
        module(name)
    module("ndscheduler.core.scheduler.base", SingletonScheduler=Scheduler)
    module("ndscheduler.corescheduler.core.base", BaseScheduler=Scheduler)
    custom = module("myapp.things", Custom=Custom, MyScheduler=Scheduler, clean=clean)
    Custom.__module__ = str(custom.__name__)


def clean(*args):
    pass


def leading(job_id, func):
    return (CLASS, job_id) if func == OLD else (CLASS, job_id) + DATABASE


def cron(**fields):
    zone = fields.pop("timezone", pytz.utc)
    return CronTrigger(timezone=zone, **fields)


def pickled(scheduler, job_id, trigger, args=(), kwargs=None, func=NEW, paused=False, lead=None, **more):
    given = dict(misfire_grace_time=3600, coalesce=True, max_instances=3, name="job " + job_id)
    given.update(more)
    lead = leading(job_id, func) if lead is None else lead
    job = scheduler.add_job(str(func), trigger, id=job_id, args=lead + tuple(args), kwargs=kwargs or {}, **given)
    zone = getattr(trigger, "timezone", None) or pytz.utc
    when = None if paused else pytz.utc.localize(NEXT).astimezone(zone)
    job._modify(next_run_time=when)
    state = job.__getstate__()
    # What APScheduler's SQLAlchemyJobStore writes.
    raw = pickle.dumps(state, pickle.HIGHEST_PROTOCOL)
    epoch = None if when is None else 1795420500.123456
    return {"id": job_id, "next_run_time": epoch, "job_state": base64.b64encode(raw).decode("ascii")}


def jobs(scheduler, func):
    def make(job_id, trigger, **kwargs):
        kwargs.setdefault("func", func)
        return pickled(scheduler, job_id, trigger, **kwargs)

    yield make("plain", cron(minute="*/5"), args=("a", {"nested": {"k": [1, 2, None, True]}}, 3.5))
    fields = dict(year="2026-2030", month="1,7", day="last,1-10/3", week="*/2", hour="5-8/2")
    yield make("fields", cron(minute="10,20,40", second="15", day_of_week="mon-fri", **fields))
    yield make("positions", cron(day="2nd tue,last fri", hour="3"))
    yield make("every_second", cron(year="*", month="*", day="*", week="*", day_of_week="*",
                                    hour="*", minute="*", second="*"))
    yield make("paused", cron(hour="*/3", minute="15"), paused=True)
    new_york, tokyo = pytz.timezone("America/New_York"), pytz.timezone("Asia/Tokyo")
    yield make("new_york", cron(hour="2", minute="30", timezone=new_york))
    yield make("tokyo", cron(hour="2", timezone=tokyo))
    start = new_york.localize(datetime.datetime(2026, 1, 1, 12, 0))
    end = new_york.localize(datetime.datetime(2027, 7, 1, 12, 0, 0, 5))
    yield make("bounded", cron(minute="0", timezone=new_york, start_date=start, end_date=end))
    yield make("interval", IntervalTrigger(minutes=1, seconds=30, timezone=new_york,
                                           start_date=start, end_date=end))
    yield make("date", DateTrigger(run_date=start, timezone=new_york))
    try:
        yield make("half_past", cron(hour="2", timezone=pytz.FixedOffset(330)))
        yield make("minus_five", cron(hour="2", timezone=pytz.FixedOffset(-300)))
    except AttributeError:  # 3.11 takes none of them
        pass
    yield make("kwargs", cron(hour="2"), args=("x",), kwargs={"colour": "red", "n": 3})
    text = b"latin \xe9" if PY2 else "latin \xe9"
    yield make("text", cron(hour="2"), args=("\xe9\u4e2d\u6587", text, "\u2603"), name="\u2603 \u4efb")
    when = pytz.utc.localize(datetime.datetime(2026, 1, 2, 3, 4, 5, 6))
    rich = (datetime.datetime(2026, 1, 2), when, datetime.date(2026, 1, 2), decimal.Decimal("1.50"))
    yield make("rich", cron(hour="2"), args=rich + ((1, (2,)), bytearray(b"\x00\xff"), 2 ** 70))
    yield make("sets", cron(hour="2"), args=(1, set([3]), "after"), kwargs={"k": frozenset([4])})
    yield make("custom", cron(hour="2"), args=(Custom("red"), Custom))
    yield make("deltas", cron(hour="2"), args=(datetime.timedelta(1, 2, 3), datetime.time(1, 2)))
    yield make("keys", cron(hour="2"), args=({1: 2},))
    yield make("own_class", cron(hour="2"), func="myapp.things:MyScheduler.run_job",
               lead=leading("own_class", func), args=("x", {"a": 1}, {"b": 2}))
    yield make("own_function", cron(hour="2"), func="myapp.things:clean", lead=(), args=("x", 1))
    yield make("options", cron(hour="2"), misfire_grace_time=None, coalesce=False, max_instances=7)
    for job in newer(make, new_york):
        yield job


def newer(make, new_york):
    try:
        yield make("jitter", cron(minute="5", jitter=10))
    except TypeError:
        return
    from apscheduler.triggers.combining import AndTrigger, OrTrigger

    yield make("both", AndTrigger([cron(hour="2"), cron(minute="0")]))
    yield make("either", OrTrigger([cron(hour="2"), IntervalTrigger(hours=1, timezone=pytz.utc)]))
    try:
        from zoneinfo import ZoneInfo
    except ImportError:
        return
    try:
        import tzlocal

        os.environ["TZ"] = "Europe/Berlin"
        yield make("local", cron(hour="2", timezone=tzlocal.get_localzone()))
    except (ImportError, TypeError, ValueError):
        pass
    try:
        yield make("zoneinfo", cron(hour="2", timezone=ZoneInfo("Europe/Berlin")))
        yield make("utc_of_datetime", cron(hour="2", timezone=datetime.timezone.utc))
        yield make("offset_of_datetime", cron(hour="2", timezone=datetime.timezone(datetime.timedelta(hours=-5))))
    except TypeError:
        return


def main(label):
    stub_modules()
    scheduler = BackgroundScheduler(timezone=pytz.utc)
    rows = []
    for func in (OLD,) if label.startswith("pypi030") else (NEW,):
        for row in jobs(scheduler, func):
            rows.append(row)
    path = "old_jobs.json"
    known = json.load(io.open(path, encoding="utf-8")) if os.path.exists(path) else {}
    known[label] = {
        "python": sys.version.split()[0],
        "apscheduler": getattr(apscheduler, "version", "") or "",
        "rows": rows,
    }
    with io.open(path, "w", encoding="utf-8") as file:
        text = json.dumps(known, indent=0, sort_keys=True, separators=(",", ": "))
        file.write(text if not isinstance(text, bytes) else text.decode("ascii"))
    print(label, len(rows))


if __name__ == "__main__":
    main(sys.argv[1])
