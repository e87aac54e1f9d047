#!/bin/bash

# Array task of siren 0.1.0, job siren-1a2b3c.
exec /home/me/siren/deno run /home/me/siren/siren.js worker /scratch/run/b1
