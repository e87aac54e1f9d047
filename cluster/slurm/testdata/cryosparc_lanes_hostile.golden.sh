#!/bin/bash

#SBATCH --job-name=siren_siren-1a2b3c
#SBATCH --chdir="/scratch/Zoë's \"run\" $(touch X) `touch Y`;!\\ 50%/slurm/b1"
#SBATCH --nodes=1 --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=12G
#SBATCH --partition=gpu
#SBATCH --gres=gpu:2
#SBATCH --comment="created by Zoë O'Neill, Zoë O'Neill"
#SBATCH --output="/scratch/Zoë's \"run\" $(touch X) `touch Y`;!\\ 50%/slurm/b1/logs/%A_%a.log"
#SBATCH --error="/scratch/Zoë's \"run\" $(touch X) `touch Y`;!\\ 50%/slurm/b1/logs/%A_%a.log"

set -u
echo "$(date): $(hostname) runs siren-1a2b3c of siren in /scratch/Zoë's \"run\" \$(touch X) \`touch Y\`;!\\ 50%"
mkdir -p "${TMPDIR:-/tmp}/siren-1a2b3c" || exit 1
trap 'rm -rf "${TMPDIR:-/tmp}/$SLURM_JOB_ID"' EXIT
cd '/scratch/Zoë'\''s "run" $(touch X) `touch Y`;!\ 50%/slurm/b1'

if [ 2 -gt 0 ]; then
  export CUDA_VISIBLE_DEVICES="${SLURM_JOB_GPUS:-0}"
fi
srun --cpu-bind=none '/home/me/my deno' run siren.js worker '/scratch/Zoë'\''s "run" $(touch X) `touch Y`;!\ 50%/b1'
echo "exit code: $?"
