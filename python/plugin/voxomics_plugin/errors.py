"""What a plugin raises."""

# The codes of the interface.
SETTING, INPUT, UNSUPPORTED, CANCELLED, PANIC, UNKNOWN_ID = 1, 2, 3, 4, 5, 6


class Failure(Exception):
    """The plugin cannot do what it was asked for: say what was found, what was expected, and what to do.

    ``setting`` is the key of the setting that is wrong, if one is.
    """

    def __init__(self, message: str, *, setting: str | None = None, code: int | None = None):
        super().__init__(message)
        self.setting = setting
        self.code = code if code is not None else (SETTING if setting else INPUT)


class Undefined(Exception):
    """A value is not defined for this region, and why. Raised by a feature; the other features of the family stand."""
