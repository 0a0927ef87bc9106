#!/usr/bin/env bash
# The whole tour with curl and nothing else: data, plan, job, live events, predictions.
#   trainyard serve          # in another terminal
#   examples/curl.sh
set -euo pipefail

URL=${TRAINYARD_URL:-http://127.0.0.1:8000}
here=$(cd "$(dirname "$0")" && pwd)
csv=$here/../trainyard/demo_data/penguins.csv

call() { curl --silent --show-error --fail-with-body ${TRAINYARD_API_KEY:+-H "Authorization: Bearer $TRAINYARD_API_KEY"} "$@"; }
member() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

echo '# 1. A dataset from a CSV with categories and missing values'
dataset=$(call "$URL/v1/datasets" -F "file=@$csv" -F target=species | member id)
echo "$dataset"

spec=$(cat <<JSON
{ "name": "penguins by curl",
  "dataset": "$dataset",
  "network": {"layers": [{"kind": "dense", "units": 32, "activation": "tanh"}]},
  "optimizer": {"kind": "adam", "learning_rate": 0.003},
  "training": {"epochs": 60, "batch_size": 16, "seed": 7} }
JSON
)

echo '# 2. How large such a network would be; nothing is made'
call "$URL/v1/jobs?validate_only=true" --json "$spec" | member layers

echo '# 3. The job; the key makes it safe to send again'
job=$(call "$URL/v1/jobs" -H "Idempotency-Key: tour-$$-$RANDOM" --json "$spec" | member id)
echo "$job"

echo '# 4. Its events while they happen, up to the end'
call --no-buffer "$URL/v1/jobs/$job/events" -H 'Accept: text/event-stream' |
  sed -n 's/^data: //p' | cut -c 1-150

echo '# 5. The model, and what it predicts for two rows'
model=$(call "$URL/v1/jobs/$job" | member model_id)
call "$URL/v1/models/$model/predictions" --json '{"records": [
  {"island": "Biscoe", "bill_length_mm": 50.0, "bill_depth_mm": 15.2, "flipper_length_mm": 220,
   "body_mass_g": 5550, "sex": "male", "year": 2009},
  {"island": "Torgersen", "bill_length_mm": 38.5, "bill_depth_mm": 17.9, "flipper_length_mm": null,
   "body_mass_g": null, "sex": null, "year": 2008}]}'
echo

echo '# 6. How well it does on the rows it was not trained on'
call "$URL/v1/models/$model/evaluations" --json '{}' | cut -c 1-300
echo
