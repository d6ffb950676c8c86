"""What of an environment is not to be seen, going by a variable's name and its value's form."""

from __future__ import annotations

import re

HIDDEN = "<hidden>"
# Any of these within a name. What is hidden without need can be seen by the language's own means.
_NAME = re.compile(
    r"PASS(?:W|PHRASE|CODE|_|$)|PWD|SECRET|TOKEN(?!IZ)|CREDENTIAL|COOKIE|PRIVATE|AUTH(?!OR_)|APIKEY"
    r"|(?:^|_)(?:KEY|KEYS|DSN|PW|PIN|SALT|WEBHOOK)(?:_|$)",
    re.IGNORECASE,
)
_HARMLESS = frozenset({"OLDPWD", "PWD", "SSH_AUTH_SOCK", "XAUTHORITY"})
# Between a URL's user and host; as a parameter of a URL or a connection string.
_IN_URL = re.compile(r"(://[^/@\s:]*:)[^/@\s]+(?=@)")
_AS_PARAMETER = re.compile(
    r"(\b\w*(?:pass|pwd|secret|token|key|signature|sig)\w*=)[^&;\s]+", re.IGNORECASE
)


def is_secret(name: str, value: str) -> bool:
    """Whether a variable's value, or part of it, is not to be seen."""
    return shown(name, value) != value


def shown(name: str, value: str) -> str:
    """A variable's value with what is secret left out."""
    if value and name not in _HARMLESS and _NAME.search(name):
        return HIDDEN
    return _AS_PARAMETER.sub(rf"\1{HIDDEN}", _IN_URL.sub(rf"\1{HIDDEN}", value))
