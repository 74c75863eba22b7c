#!/usr/bin/env bash
# Gradescope runs this once, when the autograder's image is built (Ubuntu 24.04 or later).
set -euo pipefail

apt-get update
apt-get install -y --no-install-recommends python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install --upgrade pip
/autograder/venv/bin/pip install --group /autograder/source/pyproject.toml:grade
