"""Defines the exception of this package: a code with details instead of a sentence.

`words.messages` writes the sentence. So the packages that raise it need neither Django
nor translations.
"""

import enum
from collections.abc import Mapping


class Problem(enum.Enum):
    """Why reporting cannot do what was asked. The comments name the `details` of each code."""

    NO_PROJECT = enum.auto()  # setting
    INVALID_PROJECT = enum.auto()  # setting, required and optional keys
    INVALID_DECLARATION = enum.auto()  # faults
    NOT_A_PROJECT = enum.auto()  # setting, path, reason
    INVALID_CONTRACT = enum.auto()  # contract, faults
    INVALID_COLLECTORS = enum.auto()  # path, reason
    COLLECTORS_NOT_A_MAPPING = enum.auto()  # path
    NO_ENDPOINT = enum.auto()
    NOT_A_URL = enum.auto()  # source, name of the variable or setting
    URL_WITH_CREDENTIALS = enum.auto()  # the same
    URL_WITHOUT_TLS = enum.auto()  # the same
    REQUESTS_MISSING = enum.auto()
    FIELDS_MISSING = enum.auto()  # fields
    NO_DATA_DIR = enum.auto()  # setting, if one is missing
    ID_NOT_SAVED = enum.auto()  # path, and number and reason, or an obstacle
    ID_NOT_READ = enum.auto()  # the same
    ID_NOT_DELETED = enum.auto()  # the same
    TURNED_OFF_BY_PACKAGER = enum.auto()
    UNKNOWN_GROUP = enum.auto()  # group, groups
    BUSY = enum.auto()
    UNEXPECTED = enum.auto()  # reason, the name of an exception's class
    SQLITE_MISSING = enum.auto()
    STATE_NO_FOLDER = enum.auto()  # path of the state's file, reason
    STATE_NOT_A_FILE = enum.auto()  # path, obstacle
    STATE_NOT_PERMITTED = enum.auto()  # path, reason
    STATE_READ_ONLY = enum.auto()  # path, reason
    STATE_FULL = enum.auto()  # path, reason
    STATE_BUSY = enum.auto()  # path, reason
    STATE_DAMAGED = enum.auto()  # path, reason
    STATE_NEWER = enum.auto()  # path, version of its tables
    STATE_FAILED = enum.auto()  # path, reason
    FOLDER_OF_ANOTHER_USER = enum.auto()  # path, number of its owner
    ROOT_NOT_GIVEN_UP = enum.auto()  # path, number of its owner, reason


class Obstacle(enum.Enum):
    """What has the name of one of our files, but is not a regular file."""

    LINK = enum.auto()
    FOLDER = enum.auto()
    PIPE = enum.auto()
    SOCKET = enum.auto()
    DEVICE = enum.auto()


class ReportingError(Exception):
    """Reporting cannot do what was asked.

    Attributes:
        problem: A code.
        details: What a sentence about it needs, by name.
    """

    problem: Problem
    details: Mapping[str, object]

    def __init__(self, problem: Problem, **details: object) -> None:
        super().__init__(problem, details)
        self.problem = problem
        self.details = details
