#!/usr/bin/env bash
#SBATCH --job-name=grade
#SBATCH --array=1-8
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=01:00:00
#SBATCH --requeue
# sbatch slurm.sh, in the course's folder. Parts to repeat: sbatch --array=3,5-7 slurm.sh
set -euo pipefail
parts=8 # also when only some are repeated: SLURM_ARRAY_TASK_COUNT would be another number then
exec python -m grader class downloads --out "parts/$SLURM_ARRAY_TASK_ID" --shard "$SLURM_ARRAY_TASK_ID/$parts" --seed 20260
