#!/usr/bin/env bash
# GNU parallel: 8 parts, 2 at once; --resume-failed makes the same command repeat only what failed.
set -euo pipefail
mkdir -p parts
seq 8 | parallel -j 2 --joblog parts/jobs.log --resume-failed python -m grader class downloads --out parts/{} --shard {}/8 --seed 20260 --jobs 1
