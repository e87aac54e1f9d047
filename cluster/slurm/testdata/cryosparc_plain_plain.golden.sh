#!/usr/bin/env bash
#### Submission script of the lane "gpu", for jobs of up to four GPUs
## run_cmd: /home/me/siren/deno run /home/me/siren/siren.js worker /scratch/run/b1
## CPUs 4, GPUs 1, memory 4 GB
## job siren-1a2b3c of siren in /scratch/run/slurm/b1, project in /scratch/run
## log /scratch/run/slurm/b1/logs/%A_%a.log
## worker /home/me/siren/deno with run /home/me/siren/siren.js worker /scratch/run/b1
## started by me (me)

#SBATCH --job-name cryosparc_siren_siren-1a2b3c
#SBATCH -n 4
#SBATCH --gres=gpu:1
#SBATCH --partition=gpu
#SBATCH --mem=4000M
#SBATCH --output=/scratch/run/slurm/b1/logs/%A_%a.log
#SBATCH --error=/scratch/run/slurm/b1/logs/%A_%a.log

free=""
for gpu in $(seq 0 3); do
    busy=$(nvidia-smi -i $gpu --query-compute-apps=pid --format=csv,noheader)
    if [[ -z $busy ]]; then
        free="${free:+$free,}$gpu"  # those that nobody uses
    fi
done
export CUDA_VISIBLE_DEVICES=$free

/home/me/siren/deno run /home/me/siren/siren.js worker /scratch/run/b1
