"""Which public methods of `MlflowClient` have been called, and which need not be."""

import functools

from mlflow import MlflowClient

#: What the platform does not offer: each is an endpoint that answers 404 ENDPOINT_NOT_FOUND.
OUT_OF_SCOPE = {
    "traces and spans": "trace traces span",
    "evaluation datasets": "dataset datasets dataset_tags dataset_tag dataset_to_experiments dataset_from_experiments",
    "webhooks": "webhook webhooks",
    "catalogues of MCP servers": "mcp",
    "MLflow's own workspaces: here they are parts of the address": "workspace workspaces",
}
_called = set()


def public_methods():
    return sorted(name for name in dir(MlflowClient) if name[0] != "_" and callable(getattr(MlflowClient, name)))


def out_of_scope(name):
    words = {word for words in OUT_OF_SCOPE.values() for word in words.split()}
    return "_mcp_" in name or any(name.split("_", 1)[-1] == word or name.endswith(f"_{word}") for word in words) or (
        "trace" in name or "traces" in name
    )


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
    return [name for name in public_methods() if name not in _called and not out_of_scope(name)]
