#!/usr/bin/env bash
# Writes the tables of the demo model and executes the notebooks on them. Needs a Release build of the program.
set -euo pipefail
cd "$(dirname "$0")/../.."

python=/usr/bin/python3
if ! "$python" -c 'import ipykernel, matplotlib, nbconvert, pandas' 2>/dev/null; then
  .ci/need-packages python3-pandas python3-matplotlib python3-nbconvert python3-ipykernel
fi

out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
onnxlens() { dotnet run -c Release --no-build --project src/OnnxLens.Cli -- "$@" --quiet >/dev/null; }

# The commands are those of the README, in a folder that goes again.
eval "$(sed -n 's# out/# "$out"/#g; /^onnxlens /p' eval/notebooks/README.md)"

cd eval/notebooks
export ONNXLENS_OUT="$out" PYDEVD_DISABLE_FILE_VALIDATION=1 PYTHONDONTWRITEBYTECODE=1
for notebook in lens steering drift; do
  "$python" -m nbconvert --execute --to notebook --log-level ERROR --output-dir "$out/executed" "$notebook.ipynb"
done
"$python" check.py "$out/executed" lens.ipynb steering.ipynb drift.ipynb
