"""Named cases, run one after the other against whatever server MLFLOW_TRACKING_URI names.

Each case writes one JSON line: {"case", "ok", "seconds", "error"}; the last line says that the run came to its end.
"""

import importlib
import json
import time
import traceback
import uuid

CASES = []
#: Names made with it do not meet those of an earlier run against the same server.
RUN = uuid.uuid4().hex[:8]
_names = 0


def case(name):
    def add(function):
        CASES.append((name, function))
        return function

    return add


def fresh(word):
    """A name that nobody has used on this server."""
    global _names
    _names += 1
    return f"{word}-{RUN}-{_names}"


def run(suites, only, results):
    def tell(line):
        results.write(json.dumps(line) + "\n")
        results.flush()

    def attempt(name, function):
        began = time.perf_counter()
        error = None
        try:
            function()
        except Exception as caught:
            error = "".join(traceback.format_exception(caught))[-4000:]
        tell({"case": name, "ok": error is None, "seconds": round(time.perf_counter() - began, 3), "error": error})

    for suite in suites:
        CASES.clear()
        # What a suite writes before its cases is one of them.
        attempt(f"{suite}: what its cases stand on", lambda: importlib.import_module(suite))
        for name, function in CASES:
            if only in name:
                attempt(f"{suite}: {name}", function)
    tell({"ended": True})


# -- what a case expects --------------------------------------------------------------------------------------------


def equal(got, expected, what="it"):
    if got != expected:
        raise AssertionError(f"{what}: got {repr(got)[:500]}, expected {repr(expected)[:500]}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def refused(code, call, text=""):
    """The call ends in an MLflow error of this code, or one of these, whose text contains `text`."""
    from mlflow.exceptions import MlflowException

    try:
        answer = call()
    except MlflowException as error:
        codes = code if isinstance(code, tuple) else (code,)
        if error.error_code not in codes or text not in str(error.message):
            raise AssertionError(f"got {error.error_code} {error.message!r}, expected {code} {text!r}") from None
        return error
    raise AssertionError(f"got {answer!r}, expected the error {code} {text!r}")
