#!/bin/bash{{ " -l" if setup }}
{#-
  The batch script of siren's array tasks, as a Jinja2 template. To change it, copy it, name the copy as
  `template` in the cluster's profile, and look at what comes out with --dry-run.

  What siren gives sbatch on its command line, and must not be here: --array, --job-name, --output, --error,
  --open-mode, --signal, --exclude, --chdir.

  Variables: directives (#SBATCH lines of all that the profile asks for, but for what it skips), setup
  (lines), environment (each with name and value), run_cmd, num_cpu, num_gpu, ram_gb, memory_MiB, time,
  job_name, partition, account, qos, constraint, gres, and the others of cryoSPARC's cluster_script.sh.

  Values are quoted for where they stand, be it with or without quotes around them: "{{ job_dir_abs }}".
  With exec before the command, Slurm's warning before the time limit reaches siren itself.
-#}
{%- for line in directives %}
{{ line }}
{%- endfor %}

# Array task of siren {{ siren_version }}, job {{ job_name }}.
{%- for line in setup %}
{{ line }}
{%- endfor %}
{%- for variable in environment %}
export {{ variable.name }}={{ variable.value }}
{%- endfor %}
exec {{ run_cmd }}
