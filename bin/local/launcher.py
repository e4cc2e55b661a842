"""Starts MiniStack with the few Lambda behaviours corrected that AWS documents and Millrace relies on.

    python launcher.py RUN_FOLDER [--until-released] [--edge NODE SCRIPT]

Each correction replaces an exact piece of one function or constant, whose digest is pinned here: when the emulator
changes there, this program refuses to start instead of correcting something else. Each has a test in
test/local/cloud/. With --until-released the emulator lives only as long as its standard input stays open, so that
whoever started it cannot leave it behind, however it ends; the line "release" on standard input lets it stay. With
--edge NODE SCRIPT the stand-in for the edge runs beside it.
"""

import functools
import hashlib
import inspect
import os
import queue
import random
import signal
import subprocess
import sys
import textwrap
import threading
import urllib.parse


def refuse(reason):
    raise SystemExit(f"launcher: {reason}: check this version of MiniStack")


def known_text(owner, name, digest):
    """The text of `owner.name`, a function or a string, if its sha256 begins with `digest`."""
    current = getattr(owner, name, None)
    if current is None:
        refuse(f"{owner.__name__}.{name} is gone")
    text = current if isinstance(current, str) else textwrap.dedent(inspect.getsource(current))
    found = hashlib.sha256(text.encode()).hexdigest()[: len(digest)]
    if found != digest:
        refuse(f"{owner.__name__}.{name} has changed ({found}, known is {digest})")
    return text


def correct(module, name, digest, *replacements):
    """Replaces pieces of text in `module.name`, a function or a string."""
    text = known_text(module, name, digest)
    for old, new in replacements:
        if old not in text:
            refuse(f"{module.__name__}.{name} does not contain {old!r}")
        text = text.replace(old, new)
    if isinstance(getattr(module, name), str):
        setattr(module, name, text)
    else:
        exec(compile(text, f"<corrected {module.__name__}.{name}>", "exec"), vars(module))


def alias_weights(service):
    """An alias with a second version sends that version its share of the invocations.

    "You can point an alias to a maximum of two Lambda function versions. [...] Lambda uses a simple probabilistic
    model to distribute the traffic between the two function versions."
    https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
    """

    def routed_version(function, qualifier):
        alias = ((function or {}).get("aliases") or {}).get(qualifier)
        if alias is None:
            return qualifier
        draw = random.random()
        for version, weight in (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {}).items():
            draw -= float(weight)
            if draw < 0:
                return version
        return alias.get("FunctionVersion", "$LATEST")

    service.routed_version = routed_version
    # Lambda's own Invoke.
    read_alias = 'func["aliases"][qualifier].get("FunctionVersion", "$LATEST")'
    correct(service, "_invoke", "ab193779e5c2ea94", (read_alias, "routed_version(func, qualifier)"))
    # Every other caller: API Gateway, Step Functions, EventBridge, SNS.
    look_up = "_effective_func_record_for_qualifier(func, {})"
    routed = look_up.format("routed_version(func, qualifier)")
    correct(service, "_get_func_record_for_ref", "492b4efe8f903a0f", (look_up.format("qualifier"), routed))


def alias_rules(service):
    """CreateAlias and UpdateAlias refuse the weights that AWS refuses.

    "Both versions must have the same execution role. Both versions must have the same dead-letter queue
    configuration, or no dead-letter queue configuration. Both versions must be published. The alias cannot point to
    $LATEST."
    https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
    """

    def problem(function, version, weights):
        if len(weights) > 1:
            return "an alias points to at most two versions"
        if "$LATEST" in (version, *weights):
            return "$LATEST is not supported for an alias pointing to more than 1 version"
        if not all(0.0 <= float(weight) <= 1.0 for weight in weights.values()):
            return "a weight lies between 0 and 1"
        versions = [function["versions"].get(name) for name in (version, *weights)]
        if None in versions:
            return "both versions must be published"
        first, second = (each["config"] for each in versions)
        for key in ("Role", "DeadLetterConfig"):
            if (first.get(key) or None) != (second.get(key) or None):
                return f"both versions must have the same {key}"
        return None

    def refused_weights(function_name, data, alias):
        routing = data["RoutingConfig"] if "RoutingConfig" in data else alias.get("RoutingConfig")
        weights = (routing or {}).get("AdditionalVersionWeights")
        version = data.get("FunctionVersion", alias.get("FunctionVersion", "$LATEST"))
        reason = problem(service._functions[function_name], version, weights) if weights else None
        return reason and service.error_response_json("InvalidParameterValueException", reason, 400)

    service.refused_weights = refused_weights
    check = "    err = refused_weights(func_name, data, {})\n    if err is not None:\n        return err\n"
    build = "    alias: dict = {\n"
    correct(service, "_create_alias", "2fca00d580eb5774", (build, check.format("{}") + build))
    write = '    for key in ("FunctionVersion", "Description"):\n'
    correct(service, "_update_alias", "0017f6b94b062e90", (write, check.format("alias") + write))


def named_errors(service):
    """A thrown error's name becomes the invocation's errorType, which Retry and Catch match.

    "The name property of the Error object must match the ErrorEquals value."
    https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
    """
    unnamed = 'error_type = "Runtime.HandlerError"'
    # What has no name was not thrown: the function's process has ended, which Lambda calls Runtime.ExitError.
    named = 'error_type = result.get("name") or "Runtime.ExitError"'
    correct(service, "_execute_function_warm", "62b9218bef5b948a", (unnamed, named))


def alias_permissions(actions):
    """Reading, moving and deleting one alias ask for a permission of their own.

    The emulator takes all three for lambda:ListAliases. "GetAlias", "UpdateAlias" and "DeleteAlias" are actions of the
    service authorization reference for AWS Lambda.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
    """
    every = '"aliases": "CreateAlias" if method == "POST" else "ListAliases",'
    one = '{"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}.get(method)'
    named = f'"aliases": {one} if len(rest) > 2 else "CreateAlias" if method == "POST" else "ListAliases",'
    correct(actions, "_lambda_action", "19fa24ebca403b7a", (every, named))


def encoded_paths(service):
    """A function behind a REST API is given the path as it was sent, percent-encoded.

    The emulator hands it over decoded, so that a function that decodes it does so twice, and fails at a bare percent
    sign. Captures of live events (REST APIs keep the encoding, HTTP APIs do not):
    https://github.com/middleapi/standard-server/pull/93
    Tested in test/local/tracking/artifacts.test.ts.
    """
    service.encoded_path = functools.partial(urllib.parse.quote, safe="/:@!$&'()*+,;=~")
    given = '"path": request_path,'
    correct(service, "_build_lambda_event_v1", "c7ac97b91f6ee999", (given, '"path": encoded_path(request_path),'))


LOG_END = "\x03log-end"


def worker_script(runtime):
    """The part that runs in each function's Node process: it tells the thrown name and marks the last log line."""
    write = "const _realStdoutWrite = process.stdout.write.bind(process.stdout);"
    marked_write = f"""\
const _protocolWrite = process.stdout.write.bind(process.stdout);
const _realStdoutWrite = (line) => {{
  if (lineNum > 1) _stderrWrite({LOG_END!r} + "\\n");
  return _protocolWrite(line);
}};"""
    correct(
        runtime,
        "_NODEJS_WORKER_SCRIPT",
        "4c6fe8a41c8fb28a",
        ('trace: err.stack || ""', 'trace: err.stack || "", name: String(err.name || "Error")'),
        ("error: e.message, trace: e.stack", "error: e.message, trace: e.stack, name: e.name"),
        (write, marked_write),
    )


def log_lines_without_waiting(worker):
    """An invocation is answered once its log lines are read: on AWS nobody waits for logs.

    The emulator waits up to 50 ms for a first line and 5 ms after the last. The worker's mark ends that: nothing is
    waited for, and no line is missed.
    """
    known_text(worker, "_drain_stderr_bounded", "6e91475bafda6c48")
    wait_for_lines = worker._drain_stderr_bounded

    def next_line(self):
        try:
            # Only a process that has died ends its lines without a mark.
            return self._stderr_queue.get(timeout=0.25 if self._stderr_thread.is_alive() else 0.005)
        except queue.Empty:
            return LOG_END

    def drain(self, *args, **kwargs):
        if not str(self.config.get("Runtime", "")).startswith("nodejs"):
            return wait_for_lines(self, *args, **kwargs)
        lines = []
        while not (line := next_line(self)).endswith(LOG_END):
            lines.append(line)
        # The mark follows on the same line where the function wrote no newline at the end.
        if rest := line.removesuffix(LOG_END):
            lines.append(rest)
        return "\n".join(lines)

    worker._drain_stderr_bounded = drain


def live_until_released(run_folder):
    """Ends the emulator, its functions' processes and its folder once standard input closes without "release"."""

    def watch():
        received = b""
        while chunk := os.read(0, 64):
            received += chunk
            if b"release\n" in received:
                return
        if os.name == "nt" or os.getpgrp() != os.getpid():
            os._exit(1)
        subprocess.Popen(["rm", "-rf", run_folder], start_new_session=True)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def edge(node, script, run_folder):
    """Starts the edge's stand-in in this process group. It ends when its standard input closes: when this one ends."""
    endpoint = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
    subprocess.Popen([node, script, run_folder, endpoint], stdin=subprocess.PIPE)


def main():
    run_folder, *options = sys.argv[1:]
    if "--until-released" in options:
        live_until_released(run_folder)
    if "--edge" in options:
        edge(*options[options.index("--edge") + 1 :][:2], run_folder)
    # Never reachable from another machine: the emulator's own control routes ask for no credentials.
    os.environ["BIND_HOST"] = "127.0.0.1"

    from ministack.core import iam_actions, lambda_runtime
    from ministack.services import apigateway_v1, lambda_svc

    alias_weights(lambda_svc)
    alias_rules(lambda_svc)
    named_errors(lambda_svc)
    alias_permissions(iam_actions)
    encoded_paths(apigateway_v1)
    worker_script(lambda_runtime)
    log_lines_without_waiting(lambda_runtime.Worker)

    from ministack.app import main as serve

    sys.argv = sys.argv[:1]
    serve()


if __name__ == "__main__":
    main()
