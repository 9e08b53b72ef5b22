"""What the notebooks share: reading the tables that onnxlens writes, and how figures look."""

import importlib.util
import json
import os
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

OUT = Path(os.environ.get("ONNXLENS_OUT", "../../out"))
FIGURES = OUT / "figures"

# In CSV any text is text: a token "NaN" or "null" is no missing value, and one of digits is no number.
TEXT = ["dataset", "letter", "not_finite", "phase", "sample", "site", "split", "target", "token", "vector", "warnings"]

# A column of whole numbers in which some are undefined must not become one of reals.
WHOLE_OR_NONE = ["next_id", "next_rank", "rank", "top1_a", "top1_b", "top1_id"]

# Reals of 32 bits: their shortest decimal form is read back as that number, not as the 64-bit one beside it.
FLOAT32 = ["entropy", "kl_final_lens", "logprob", "logsumexp", "negative_logit", "next_logprob", "positive_logit", "prob", "top1_logprob"]

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#7F7F7F"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
LINES = ["-", "--", ":", "-."]

plt.rcParams.update({
    "figure.figsize": (6.6, 3.6), "figure.constrained_layout.use": True, "savefig.dpi": 200, "font.family": "DejaVu Sans", "font.size": 9,
    "axes.grid": True, "grid.color": "#EBEBEB", "axes.axisbelow": True, "legend.frameon": False, "legend.fontsize": 8,
})


def read(kind, name):
    """One table of a folder of results: Parquet where pyarrow and the file are there, else CSV. Undefined is NaN, NA or "" (text)."""
    stem = OUT / kind / name
    if importlib.util.find_spec("pyarrow") and stem.with_suffix(".parquet").exists():
        path = stem.with_suffix(".parquet")
        table = pd.read_parquet(path)
    else:
        path = stem.with_suffix(".csv")
        if not path.exists():
            raise FileNotFoundError(f"'{path}' is not there. README.md says which command writes it; ONNXLENS_OUT names the folder that 'lens', 'sweep' and 'drift' lie in.")
        columns = pd.read_csv(path, nrows=0).columns
        table = pd.read_csv(
            path, keep_default_na=False, na_values={column: [""] for column in columns if column not in TEXT},
            dtype={column: str for column in columns if column in TEXT}, float_precision="round_trip")
    for column in table.columns:
        if column in TEXT:
            table[column] = table[column].fillna("").astype(str)
        elif column in WHOLE_OR_NONE:
            table[column] = table[column].astype("Int64")
        elif column in FLOAT32:
            table[column] = table[column].astype("float32").astype("float64")
        elif pd.api.types.is_integer_dtype(table[column]):
            table[column] = table[column].astype("int64")  # Parquet has 32 bits, where CSV says nothing.
    print(f"{path}: {len(table)} rows")
    return table


def has(kind, name):
    """True where a folder has a table, in either form."""
    return any((OUT / kind / name).with_suffix(suffix).exists() for suffix in (".csv", ".parquet"))


def provenance(kind, name="provenance.json"):
    """Where the results of a folder came from."""
    found = json.loads((OUT / kind / name).read_text(encoding="utf-8"))
    return found.get("provenance", found)


def visible(text):
    """A token with its spaces seen, safe for labels: matplotlib takes $ for mathematics."""
    shown = text.replace(" ", "·").replace("\n", "⏎").replace("\t", "⇥").replace("$", r"\$")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02X}" for letter in shown)


def point(row):
    """A hook point as it is written."""
    return f"{row.site}.{row.layer}"


def save(figure, name):
    """Keeps a figure as a file beside the results."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    path = FIGURES / f"{name}.png"
    figure.savefig(path)
    print(f"wrote {path}")
