"""Checks notebooks: check.py EXECUTED NOTEBOOK... refuses outputs in the committed ones, and errors or missing figures in the executed ones."""

import json
import sys
from pathlib import Path

FIGURES = {"lens.ipynb": 4, "steering.ipynb": 5, "drift.ipynb": 4}


def code(path):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


def faults(committed, executed):
    if any(cell["outputs"] or cell["execution_count"] is not None for cell in code(committed)):
        yield "is committed with outputs; clear them"
    if ["".join(cell["source"]) for cell in code(committed)] != ["".join(cell["source"]) for cell in code(executed)]:
        yield "is not what was executed"
    if any(cell["execution_count"] is None for cell in code(executed)):
        yield "has a cell that was not executed"
    outputs = [output for cell in code(executed) for output in cell["outputs"]]
    if any(output["output_type"] == "error" for output in outputs):
        yield "has an error in a cell"
    figures = sum("image/png" in output.get("data", {}) for output in outputs)
    if figures != FIGURES[committed.name]:
        yield f"shows {figures} figures, not {FIGURES[committed.name]}"
    said = "".join("".join(output.get("text", "")) for output in outputs if output["output_type"] == "stream")
    if "all checks hold" not in said:
        yield "does not say at its end that all checks hold"
    if any(output.get("name") == "stderr" for output in outputs):
        yield "writes a warning"


def main(folder, *notebooks):
    found = [f"{path.name} {fault}" for path in map(Path, notebooks) for fault in faults(path, Path(folder) / path.name)]
    print("\n".join(found) or f"{len(notebooks)} notebooks hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
