"""S3-style stores, through obstore: the endpoint and keys come from the environment and stand in no message."""

from __future__ import annotations

import os
import re
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ontology.errors import FetchError
from training.io.base import Stat, shown

if TYPE_CHECKING:
    from obstore.store import S3Store

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FIRST = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


def _setting(*names: str) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


class S3:
    """Stores that speak S3, asked without a signature where the environment has no key.

    Args:
        seconds: most seconds for one range, all tries together.
    """

    remote = True

    def __init__(self, *, seconds: float = 120.0) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._stores: dict[tuple[int, str], S3Store] = {}

    def _store(self, bucket: str) -> S3Store:
        from obstore.store import S3Store

        key = (os.getpid(), bucket)
        with self._lock:
            if key not in self._stores:
                endpoint = _setting(*_FIRST)
                signed = bool(_setting("AWS_ACCESS_KEY_ID")) and not _setting("AWS_NO_SIGN_REQUEST")
                options: dict[str, Any] = {"region": _setting("AWS_REGION", "AWS_DEFAULT_REGION") or "us-east-1"}
                if endpoint:
                    options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
                self._stores[key] = S3Store(
                    bucket,
                    skip_signature=not signed,
                    client_options={
                        "allow_http": endpoint.startswith("http://"),
                        "connect_timeout": timedelta(seconds=10),
                        "read_timeout": timedelta(seconds=min(20.0, self._seconds)),
                        "timeout": timedelta(seconds=self._seconds),
                        "user_agent": "earthdex",
                    },
                    retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=self._seconds)},
                    **options,
                )
            return self._stores[key]

    def stat(self, address: str) -> Stat:
        """Size and ETag."""
        obstore = _library()
        bucket, path = _split(address)
        try:
            return _known(obstore.head(self._store(bucket), path))
        except (OSError, ValueError, obstore.exceptions.BaseError) as error:
            raise _told(address, error) from None

    def fetch(self, address: str, start: int, length: int) -> tuple[Stat, memoryview]:
        """A range of an object, as a slice would give it; to the end when `length` is -1."""
        obstore = _library()
        bucket, path = _split(address)
        if not length:
            return self.stat(address), memoryview(b"")
        try:
            store = self._store(bucket)
            if start == 0 and length < 0:
                answer = obstore.get(store, path)
            else:
                wanted: Any = {"offset": start} if length < 0 else (start, start + length)
                answer = obstore.get(store, path, options={"range": wanted})
            known = _known(answer.meta)
            return known, memoryview(answer.bytes())
        except (OSError, ValueError, obstore.exceptions.BaseError) as error:
            if start:
                known = self.stat(address)
                if start >= known.size:
                    return known, memoryview(b"")
            raise _told(address, error) from None


def _library() -> Any:  # noqa: ANN401 - a module
    try:
        import obstore
    except ImportError as error:
        raise FetchError("S3 addresses need obstore.", "Install it: pip install 'earthdex[train]'.") from error
    return obstore


def _split(address: str) -> tuple[str, str]:
    bucket, _, path = address.removeprefix("s3://").partition("/")
    if not _BUCKET.fullmatch(bucket) or not path or ".." in path.split("/"):
        raise FetchError(f"{shown(address)} names no object of a bucket.", "Write s3://bucket/path.")
    return bucket, path  # keys are written as they are, without escapes


def _known(meta: Any) -> Stat:  # noqa: ANN401 - a typed dict of obstore
    tag = meta.get("e_tag") or ""
    return Stat(int(meta["size"]), f"etag:{tag}" if tag else "")


def _told(address: str, error: Exception) -> FetchError:
    """What happened, in words of ours: those of the library may hold signed addresses."""
    kind = type(error).__name__
    told = {
        "NotFoundError": ("it does not exist", "Check the address."),
        "FileNotFoundError": ("it does not exist", "Check the address."),
        "PermissionDeniedError": ("access is denied", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
        "UnauthenticatedError": ("access is denied", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
    }.get(kind)
    if told is None:
        status = re.search(r"\b(?:status|error)[: ]+(\d{3})\b", str(error), re.I)
        told = (
            f"the store answered {status[1]}" if status else f"the store cannot be reached or failed ({kind})",
            "Check AWS_ENDPOINT_URL and AWS_REGION, or try again later.",
        )
    return FetchError(f"{shown(address)} cannot be read: {told[0]}.", told[1])
