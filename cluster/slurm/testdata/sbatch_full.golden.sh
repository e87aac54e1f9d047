#!/bin/bash -l
#SBATCH --partition=gpu,long
#SBATCH --account=lab
#SBATCH --qos=high
#SBATCH --constraint=[rack1|rack2]
#SBATCH --time=1-02:30:00
#SBATCH --mem=6000M
#SBATCH --cpus-per-task=4
#SBATCH --gres=gpu:a100:1
#SBATCH --mail-type=END,FAIL
#SBATCH --comment="two words"

# Array task of siren 0.1.0, job siren-1a2b3c.
module load cuda
ulimit -c 0
export OMP_NUM_THREADS=1
export NOTE=$'it\'s $(touch X)\x0aa second line'
export EMPTY=''
exec '/home/me/my deno' run siren.js worker '/scratch/Zoë'\''s "run" $(touch X) `touch Y`;!\ 50%/b1'
