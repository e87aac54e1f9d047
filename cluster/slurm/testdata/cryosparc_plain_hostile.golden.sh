#!/usr/bin/env bash
#### Submission script of the lane "gpu", for jobs of up to four GPUs
## run_cmd: '/home/me/my deno' run siren.js worker '/scratch/Zoë'\''s "run" $(touch X) `touch Y`;!\ 50%/b1'
## CPUs 4, GPUs 2, memory 6 GB
## job siren-1a2b3c of siren in /scratch/Zoë's "run" $(touch X) `touch Y`;!\ 50%/slurm/b1, project in /scratch/Zoë's "run" $(touch X) `touch Y`;!\ 50%
## log /scratch/Zoë's "run" $(touch X) `touch Y`;!\ 50%/slurm/b1/logs/%A_%a.log
## worker /home/me/my deno with run siren.js worker '/scratch/Zoë'\''s "run" $(touch X) `touch Y`;!\ 50%/b1'
## started by Zoë O'Neill (Zoë O'Neill)

#SBATCH --job-name cryosparc_siren_siren-1a2b3c
#SBATCH -n 4
#SBATCH --gres=gpu:2
#SBATCH --partition=gpu
#SBATCH --mem=6000M
#SBATCH --output="/scratch/Zoë's \"run\" $(touch X) `touch Y`;!\\ 50%/slurm/b1/logs/%A_%a.log"
#SBATCH --error="/scratch/Zoë's \"run\" $(touch X) `touch Y`;!\\ 50%/slurm/b1/logs/%A_%a.log"

free=""
for gpu in $(seq 0 3); do
    busy=$(nvidia-smi -i $gpu --query-compute-apps=pid --format=csv,noheader)
    if [[ -z $busy ]]; then
        free="${free:+$free,}$gpu"  # those that nobody uses
    fi
done
export CUDA_VISIBLE_DEVICES=$free

'/home/me/my deno' run siren.js worker '/scratch/Zoë'\''s "run" $(touch X) `touch Y`;!\ 50%/b1'
