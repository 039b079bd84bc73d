"""A datastore that finds its database by the settings."""

from ndscheduler import settings
from ndscheduler.core.datastore.providers import base


class OwnDatastore(base.DatastoreBase):
    @classmethod
    def get_db_url(cls):
        return "sqlite:///{folder}/own.db".format(**settings.DATABASE_CONFIG_DICT)
