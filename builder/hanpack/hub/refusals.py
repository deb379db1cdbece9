"""What went wrong on the Hub: what may pass on a further attempt, and the words for what will not."""

from __future__ import annotations

import json

# The Hub client's own HTTP library: its transport errors reach the caller as they are.
import httpx2
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

from hanpack.errors import BuildError
from hanpack.wording import format_count

LOG_IN = "run `hf auth login`, or set HF_TOKEN, with a token that has write access"

_REQUEST_TIMEOUT = 408
_CONFLICT = 409
_PARENT_MOVED = 412
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
_PASSING_STATUSES = frozenset({_REQUEST_TIMEOUT, _CONFLICT, _PARENT_MOVED, _TOO_MANY_REQUESTS})
_MEANINGS = {
    401: ("the Hub does not accept the token", LOG_IN),
    403: (
        "the token may not write to this repository",
        "use a token with write access to this namespace, or push to a repository of your own",
    ),
    404: (
        "the Hub does not know this repository or revision, or the token may not see it",
        "check the name, and that the token may read and write it",
    ),
    413: ("the Hub finds the push too large", "build with fewer or smaller shards"),
}


class BranchMovedError(BuildError):
    """The branch has a commit of somebody else's that it had not when the push read it."""


def find_root_cause(error: BaseException) -> BaseException:
    """The error under those in which the client wraps what went wrong with an upload.

    >>> try:
    ...     raise RuntimeError("upload failed") from ConnectionError("reset")
    ... except RuntimeError as error:
    ...     find_root_cause(error)
    ConnectionError('reset')
    """
    while isinstance(error, RuntimeError) and error.__cause__ is not None:
        error = error.__cause__
    return error


def is_rejection(error: BaseException) -> bool:
    """Whether the Hub answered that it refuses the request, so that nothing has changed there."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code < _SERVER_ERRORS
    return isinstance(error, ValueError) and not isinstance(error, json.JSONDecodeError)


def is_passing(error: BaseException) -> bool:
    """Whether a further attempt may succeed.

    >>> is_passing(ConnectionResetError()), is_passing(PermissionError())
    (True, False)
    """
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        return status in _PASSING_STATUSES or status >= _SERVER_ERRORS
    if isinstance(error, OfflineModeIsEnabled):
        return False
    # JSONDecodeError: a proxy sends its own page where the client expects JSON.
    lost = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError, json.JSONDecodeError)
    return isinstance(error, (*lost, ConnectionError, TimeoutError, BranchMovedError))


def describe_error(error: BaseException, secret: str) -> str:
    """What an error says, on one line; ``secret`` is the token, which is never shown, empty if there is none.

    >>> describe_error(ConnectionError("no route to hf_abc"), "hf_abc")
    'no route to [token]'
    """
    reason = str(error).strip() or type(error).__name__
    if isinstance(error, httpx2.HTTPError | OfflineModeIsEnabled):
        # The lines after the first only point to manuals.
        reason = reason.splitlines()[0]
    return reason.replace(secret, "[token]") if secret else reason


def make_refusal(error: BaseException, url: str, secret: str, attempts: int) -> BuildError:
    """The error that a push ends with: what the Hub said, at which ``url``, and what to do.

    ``secret`` is the token, which the Hub may repeat; it is never shown. It is empty if there is none.
    """
    reason = describe_error(error, secret)
    if isinstance(error, OfflineModeIsEnabled):
        what, todo = "huggingface_hub is in offline mode", "unset HF_HUB_OFFLINE, then push again"
    elif is_passing(error):
        what = f"the Hub confirmed no commit in {format_count(attempts, 'attempt')}: {reason}"
        todo = "push again later: what the Hub has by then is not sent twice"
    elif isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        what, todo = _MEANINGS.get(
            status, (f"the Hub refused the push with HTTP {status}", "mend that, then push again")
        )
        what = f"{what}: {error.server_message or reason}"
    else:
        what, todo = f"the push failed: {reason}", "mend that, then push again"
    return BuildError(what.replace(secret, "[token]") if secret else what, url, todo)
