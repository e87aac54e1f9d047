#!/bin/bash -l
#SBATCH -J {{ job_name }}
#SBATCH -A {{ account or "default" }} -p {{ partition | default("long") }}
#SBATCH -c {{ num_cpu }}
#SBATCH --mem={{ (ram_gb|float * 1024)|int }}
{% if time is defined %}#SBATCH -t {{ time }}{% endif %}
{%- if num_gpu > 0 %}
#SBATCH --gres={{ gres }}
{%- endif %}

module purge
module load cuda/11.8   # the driver's version
{%- for line in setup %}
{{ line }}
{%- endfor %}

cat << 'END'
This job was started by a template. Don't reply.
END
exec {{ worker_bin_path }} {{ run_args }}
