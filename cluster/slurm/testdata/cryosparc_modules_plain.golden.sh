#!/bin/bash -l
#SBATCH -J siren-1a2b3c
#SBATCH -A default -p long
#SBATCH -c 4
#SBATCH --mem=4096
#SBATCH -t 00:30:00

module purge
module load cuda/11.8   # the driver's version

cat << 'END'
This job was started by a template. Don't reply.
END
exec /home/me/siren/deno run /home/me/siren/siren.js worker /scratch/run/b1
