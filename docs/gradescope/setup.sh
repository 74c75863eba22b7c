#!/usr/bin/env bash
# Gradescope runs this once, when the autograder's image is built (Ubuntu 24.04 or later).
set -euo pipefail

apt-get update
apt-get install -y --no-install-recommends bubblewrap python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install --upgrade pip
/autograder/venv/bin/pip install --group /autograder/source/pyproject.toml:grade

cd /autograder/source
# Here, since nothing is written into this folder once submissions are graded.
/autograder/venv/bin/python -m compileall -q grader
# Nothing to grade, but where submissions cannot be isolated the log of this build now says why.
/autograder/venv/bin/python -m grader grade lesson --from "$(mktemp -d)" > /dev/null || true
