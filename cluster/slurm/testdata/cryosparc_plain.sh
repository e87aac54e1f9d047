#!/usr/bin/env bash
#### Submission script of the lane "gpu", for jobs of up to four GPUs
## run_cmd: {{ run_cmd }}
## CPUs {{ num_cpu }}, GPUs {{ num_gpu }}, memory {{ ram_gb }} GB
## job {{ job_uid }} of {{ project_uid }} in {{ job_dir_abs }}, project in {{ project_dir_abs }}
## log {{ job_log_path_abs }}
## worker {{ worker_bin_path }} with {{ run_args }}
## started by {{ job_creator }} ({{ cryosparc_username }})

#SBATCH --job-name cryosparc_{{ project_uid }}_{{ job_uid }}
#SBATCH -n {{ num_cpu }}
#SBATCH --gres=gpu:{{ num_gpu }}
#SBATCH --partition=gpu
#SBATCH --mem={{ (ram_gb*1000)|int }}M
#SBATCH --output={{ job_log_path_abs }}
#SBATCH --error={{ job_log_path_abs }}

free=""
for gpu in $(seq 0 3); do
    busy=$(nvidia-smi -i $gpu --query-compute-apps=pid --format=csv,noheader)
    if [[ -z $busy ]]; then
        free="${free:+$free,}$gpu"  # those that nobody uses
    fi
done
export CUDA_VISIBLE_DEVICES=$free

{{ run_cmd }}
