#!/bin/bash

#SBATCH --job-name=siren_siren-1a2b3c
#SBATCH --chdir=/scratch/run/slurm/b1
#SBATCH --nodes=1 --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --partition=cpu
#SBATCH --comment="created by me, me"
#SBATCH --output=/scratch/run/slurm/b1/logs/%A_%a.log
#SBATCH --error=/scratch/run/slurm/b1/logs/%A_%a.log

set -u
echo "$(date): $(hostname) runs siren-1a2b3c of siren in /scratch/run"
mkdir -p "${TMPDIR:-/tmp}/siren-1a2b3c" || exit 1
trap 'rm -rf "${TMPDIR:-/tmp}/$SLURM_JOB_ID"' EXIT
cd /scratch/run/slurm/b1

if [ 0 -gt 0 ]; then
  export CUDA_VISIBLE_DEVICES="${SLURM_JOB_GPUS:-0}"
fi
srun --cpu-bind=none /home/me/siren/deno run /home/me/siren/siren.js worker /scratch/run/b1
echo "exit code: $?"
