using System.Collections.Immutable;

namespace OnnxLens.Cli.Help;

/// <summary>The headings under which the help of a command with many options lists them.</summary>
internal static class OptionHeadings
{
    private static readonly string[] Model = ["--devices", "--ep-library", "--threads", "--memory-budget"];
    private static readonly string[] Prompt = ["--prompt", "--prompt-file", "--tokens", "--chat", "--system"];
    private static readonly string[] Sampling = ["--temperature", "--top-p", "--min-p", "--repetition-penalty", "--seed", "--stop", "--stop-id", "--ignore-eos"];
    private static readonly string[] Steering = ["--steer", "--steer-positions", "--steer-op", "--other-model"];
    private static readonly string[] Rows = ["--chat", "--system", "--split", "--splits", "--skip-malformed", "--limit", "--one-sided"];

    private static readonly Dictionary<string, ImmutableArray<(string Heading, string[] Options)>> OfCommand = new()
    {
        ["lens"] =
        [
            ("Input", [.. Prompt, "--prompts", "--batch-tokens"]),
            ("What to decode", ["--generate", "--sites", "--layers", "--positions", "--top-k", "--target", "--candidates"]),
            ("Steering", Steering),
            ("Sampling, with --generate", ["--sample-top-k", .. Sampling]),
            ("Output", ["--csv", "--parquet", "--plot", "--json", "--html", "--beside", "--activations", "--logits", "--quiet"]),
            ("Run", Model),
        ],
        ["generate"] =
        [
            ("Input", Prompt),
            ("Steering", Steering),
            ("Sampling", ["--max-new-tokens", "--top-k", .. Sampling]),
            ("Output", ["--json", "--quiet"]),
            ("Run", Model),
        ],
        ["sweep"] =
        [
            ("Input", ["--dataset", .. Rows]),
            ("Vectors", ["--vector", "--other-model"]),
            ("Vectors made first", ["--extract", "--extract-split", "--held-out", "--method", "--save-vector"]),
            ("What to measure", ["--sites", "--layers", "--multipliers", "--controls", "--text", "--text-tokens", "--resamples", "--seed"]),
            ("Output", ["--out", "--parquet", "--plot", "--html", "--quiet"]),
            ("Run", Model),
        ],
        ["drift"] =
        [
            ("Input", ["--prompts"]),
            ("What to compare", ["--sites", "--layers", "--positions", "--top-k"]),
            ("Slopes, with --dataset", ["--dataset", .. Rows, "--vector", "--other-model", "--extract", "--extract-in", "--method", "--steer-sites", "--steer-layers", "--multipliers", "--resamples", "--seed"]),
            ("Output", ["--out", "--parquet", "--plot", "--html", "--quiet"]),
            ("Run", Model),
        ],
        ["extract"] =
        [
            ("Input", ["--dataset", "--held-out", .. Rows]),
            ("What to make", ["--sites", "--layers", "--method", "--seed"]),
            ("Output", ["--out", "--report", "--quiet"]),
            ("Run", Model),
        ],
        ["export"] =
        [
            ("Output", ["--out", "--layout", "--shards", "--devices", "--max-length", "--weights", "--quiet"]),
            ("Precision", ["--precision", "--block-size", "--accuracy-level", "--asymmetric", "--quantize"]),
            ("Plan", ["--dry-run", "--device-memory", "--bandwidth", "--json"]),
            ("Run", ["--ep-library"]),
        ],
    };

    /// <summary>The headings of a command in order, with the names of their options. None where its options are few.</summary>
    public static ImmutableArray<(string Heading, string[] Options)> Of(string command) => OfCommand.GetValueOrDefault(command, []);
}
