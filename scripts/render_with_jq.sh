#!/usr/bin/env bash
# The way of docker-library: for each Dockerfile one awk that turns a template into a jq program, and one jq that runs it on the
# service's own JSON. Their awk is gawk; this template needs no more than any awk has.
# usage: render_with_jq.sh SERVICES_JSON FOLDER
set -euo pipefail
awk=$(command -v gawk || command -v awk)
while IFS=$'\t' read -r name service; do
    mkdir -p "$2/$name"
    "$awk" 'BEGIN { printf "\"" }
        { gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); gsub(/\{\{/, "\\("); gsub(/\}\}/, ")"); printf "%s\\n", $0 }
        END { print "\"" }' <<'TEMPLATE' | jq --raw-output --join-output --arg blank " " --argjson service "$service" --null-input --from-file /dev/stdin >"$2/$name/Dockerfile"
FROM python:3.12-slim
RUN apt-get update && apt-get install -y --no-install-recommends {{ $service.apt // [] | join($blank) }} && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir {{ $service.pip // [] | join($blank) }}
WORKDIR /app
COPY libs/ ./libs/
COPY apps/{{ $service.module }}/ ./apps/{{ $service.module }}/
USER 10001:10001
EXPOSE {{ $service.port }}
CMD python -m uvicorn apps.{{ $service.module }}.main:app --host 0.0.0.0 --port {{ $service.port }}
TEMPLATE
done < <(jq --raw-output '.services | to_entries[] | [.key, (.value + {module: (.key | gsub("-"; "_"))} | tojson)] | join("\t")' "$1")
