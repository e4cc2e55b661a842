"""main.py <suite>… [only=<part of a case's name>]: runs the suites of the same names that lie beside this file."""

import os
import sys

# The client prints to stdout, where the results go.
results = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

# A server error has to show, not to be retried away.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

import case  # noqa: E402

suites = [word for word in sys.argv[1:] if "=" not in word]
if "methods" in suites:
    import calls

    calls.record()
case.run(
    suites=suites,
    only=next((word.split("=", 1)[1] for word in sys.argv[1:] if word.startswith("only=")), ""),
    results=results,
)
