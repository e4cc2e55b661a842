#!/bin/bash
# Runs whenever a person's JupyterLab starts: connects kernels and terminals with the tracking API, clones the
# repository, installs the clients. SageMaker gives up after five minutes and refuses a script that fails, so every
# slow step has a limit, their sum stays below that, and nothing in here ends the script: what went wrong is in
# ~/.millrace/start.log. Nothing is done twice.
#
# The synth fills in what stands between @ (lib/studio/notebook-script.ts); its values hold no quotes. There is no
# secret where the tracking API takes signatures.
readonly GIT_REPOSITORY='@GIT_REPOSITORY@'

[ -n "${HOME:-}" ] && [ -d "$HOME" ] || exit 0
umask 077
readonly OURS="$HOME/.millrace"
mkdir -p "$OURS" || exit 0

note() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" >>"$OURS/start.log"; }

# The token itself is in no file: each kernel and each terminal reads it from the secret when it starts.
connect_kernels() {
  local folder="$HOME/.ipython/profile_default/startup"
  mkdir -p "$folder" || return 1
  cat >"$folder/00-millrace.py" <<'END'
def _connect():
    import glob
    import os
    import subprocess
    import sys

    for folder in glob.glob(os.path.expanduser("~/.millrace/clients/lib/python3.*/site-packages")):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    os.environ["MLFLOW_TRACKING_URI"] = "@TRACKING_URI@"
    secret = "@TOKEN_SECRET_ARN@"
    if not secret:
        os.environ["MLFLOW_TRACKING_AWS_SIGV4"] = "true"
        return
    read = ["aws", "secretsmanager", "get-secret-value", "--region", secret.split(":")[3], "--secret-id", secret]
    try:
        told = subprocess.run(
            [*read, "--query", "SecretString", "--output", "text"],
            capture_output=True, check=True, text=True, timeout=20,
        )
        os.environ["MLFLOW_TRACKING_TOKEN"] = told.stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        why = (getattr(error, "stderr", None) or str(error)).strip()
        print(f"The API token could not be read, so that MLflow will be refused: {why}", file=sys.stderr)


_connect()
del _connect
END
}

connect_terminals() {
  cat >"$OURS/environment.sh" <<'END'
export MLFLOW_TRACKING_URI='@TRACKING_URI@'
_secret='@TOKEN_SECRET_ARN@'
if [ -z "$_secret" ]; then
  export MLFLOW_TRACKING_AWS_SIGV4=true
elif [ -z "${MLFLOW_TRACKING_TOKEN:-}" ]; then
  _region=${_secret#arn:*:secretsmanager:}
  MLFLOW_TRACKING_TOKEN=$(timeout 20 aws secretsmanager get-secret-value --region "${_region%%:*}" \
    --secret-id "$_secret" --query SecretString --output text) && export MLFLOW_TRACKING_TOKEN ||
    echo 'The API token could not be read, so that MLflow will be refused.' >&2
fi
for _folder in "$HOME"/.millrace/clients/lib/python3.*/site-packages; do
  case ":${PYTHONPATH:-}:" in
    *":$_folder:"*) ;;
    *) export PYTHONPATH="$_folder${PYTHONPATH:+:$PYTHONPATH}" ;;
  esac
done
unset _secret _region _folder
END
  local login="$HOME/.profile" file
  # A login shell reads the first of these that there is.
  [ -f "$HOME/.bash_profile" ] && login="$HOME/.bash_profile"
  for file in "$HOME/.bashrc" "$login"; do
    grep -qsF '.millrace/environment.sh' "$file" ||
      printf '\nif [ -f "$HOME/.millrace/environment.sh" ]; then . "$HOME/.millrace/environment.sh"; fi\n' >>"$file"
  done
}

# Whatever a person has there already stays as it is.
clone_repository() {
  local name partial="$OURS/clone"
  name=$(basename "$GIT_REPOSITORY" .git)
  [ -e "$HOME/$name" ] && return 0
  rm -rf "$partial"
  # Moved when it is whole: a clone that ran out of time is begun again at the next start.
  GIT_TERMINAL_PROMPT=0 timeout --kill-after=5 60 git clone --quiet -- "$GIT_REPOSITORY" "$partial" &&
    mv "$partial" "$HOME/$name"
}

# An environment over the image's own packages: pip adds what those lack and leaves them alone. It lies with the
# person's files, and is made anew for other requirements and for another Python.
install_clients() {
  local made wanted
  cat >"$OURS/requirements.txt" <<'END'
@REQUIREMENTS@
END
  wanted="clients-$({ cat "$OURS/requirements.txt"; python3 --version; } 2>&1 | sha256sum | cut -c1-12)"
  made="$OURS/$wanted"
  if [ ! -f "$made/complete" ]; then
    rm -rf "$OURS"/clients-*
    timeout --kill-after=5 30 python3 -m venv --system-site-packages --without-pip "$made" &&
      timeout --kill-after=5 150 pip --python "$made/bin/python" install --quiet --no-input \
        --disable-pip-version-check --only-binary :all: -r "$OURS/requirements.txt" &&
      touch "$made/complete" || return 1
  fi
  ln -sfn "$wanted" "$OURS/clients"
}

: >"$OURS/start.log"
for step in connect_kernels connect_terminals clone_repository install_clients; do
  "$step" >>"$OURS/start.log" 2>&1 </dev/null || note "$step did not succeed"
done
note 'done'
exit 0
