#!/bin/bash -l
#SBATCH -J siren-1a2b3c
#SBATCH -A lab -p gpu,long
#SBATCH -c 4
#SBATCH --mem=6144
#SBATCH -t 1-02:30:00
#SBATCH --gres=gpu:a100:1

module purge
module load cuda/11.8   # the driver's version
module load cuda
ulimit -c 0

cat << 'END'
This job was started by a template. Don't reply.
END
exec '/home/me/my deno' run siren.js worker '/scratch/Zoë'\''s "run" $(touch X) `touch Y`;!\ 50%/b1'
