"""Which public methods of `MlflowClient` have been called, and which need not be."""

import functools
import re

from mlflow import MlflowClient

#: What the platform does not offer, by a word in the methods' names: their endpoints answer 404 ENDPOINT_NOT_FOUND.
OUT_OF_SCOPE = {
    "trace": "traces",
    "span": "spans of traces",
    "dataset": "evaluation datasets",
    "webhook": "facts go out as events",
    "mcp": "catalogues of MCP servers",
    "workspace": "workspaces of the platform are parts of its address",
}
_called = set()


def public_methods():
    return sorted(name for name in dir(MlflowClient) if name[0] != "_" and callable(getattr(MlflowClient, name)))


def in_scope(name):
    return not re.search("|".join(OUT_OF_SCOPE), name)


def record():
    for name in public_methods():
        setattr(MlflowClient, name, _noting(name, getattr(MlflowClient, name)))


def _noting(name, method):
    @functools.wraps(method)
    def call(*args, **more):
        _called.add(name)
        return method(*args, **more)

    return call


def missed():
    return [name for name in public_methods() if in_scope(name) and name not in _called]
