#!/bin/bash
{# One template for the CPU and the GPU lane of a site. #}
{%- set mem = (ram_gb * 2)|round|int %}
#SBATCH --job-name={{ job_type }}_{{ job_uid }}
#SBATCH --chdir={{ job_dir_abs }}
#SBATCH --nodes=1 --ntasks=1
#SBATCH --cpus-per-task={{ [num_cpu, 2][0] }}
#SBATCH --mem={{ mem }}G
{%- if num_gpu == 0 %}
#SBATCH --partition=cpu
{%- elif num_gpu > 0 and num_gpu <= 4 %}
#SBATCH --partition={{ gpu_partition | default("gpu") }}
#SBATCH --gres=gpu:{{ num_gpu }}
{%- else %}
#SBATCH --partition=big
#SBATCH --gres=gpu:{{ num_gpu }} --exclusive
{%- endif %}
#SBATCH --comment="created by {{ job_creator }}, {{ cryosparc_username }}"
#SBATCH --output={{ job_log_path_abs }}
#SBATCH --error={{ job_log_path_abs }}

set -u
echo "$(date): $(hostname) runs {{ job_uid }} of {{ project_uid }} in {{ project_dir_abs }}"
mkdir -p "${TMPDIR:-/tmp}/{{ job_uid }}" || exit 1
trap 'rm -rf "${TMPDIR:-/tmp}/$SLURM_JOB_ID"' EXIT
cd {{ job_dir_abs }}

if [ {{ num_gpu }} -gt 0 ]; then
  export CUDA_VISIBLE_DEVICES="${SLURM_JOB_GPUS:-0}"
fi
srun --cpu-bind=none {{ run_cmd }}
echo "exit code: $?"
