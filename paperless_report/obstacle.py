"""Why something cannot be done, for the admin to read."""


class ObstacleError(Exception):
    """Nothing can be sent, and nobody needs to be asked; `str()` of it is a sentence."""
