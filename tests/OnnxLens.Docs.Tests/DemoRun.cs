using OnnxLens.Cli.Tests;
using OnnxLens.Testing;

namespace OnnxLens.Docs.Tests;

/// <summary>The files of commands on the demo model, each made once for all tests, with every part that a file can have.</summary>
internal static class DemoRun
{
    private static readonly Lazy<CliRunner> Made = new(Make);

    /// <summary>The path of a file that was made.</summary>
    public static string Of(string relative) => Made.Value[relative];

    /// <summary>What <c>generate --json</c> printed.</summary>
    public static string Generated { get; private set; } = "";

    private static string Checkpoint => Path.Combine(RepositoryRoot.Path, "model-export", "demo", "checkpoint");

    private static CliRunner Make()
    {
        CliRunner runner = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => runner.Dispose();
        (string bundle, string int4, string vector) = (runner["bundle"], runner["bundle-int4"], runner["bold.safetensors"]);
        Run("export", Checkpoint, "--out", bundle, "--shards", "2", "--weights", "reference");
        Run("export", Checkpoint, "--out", int4, "--precision", "int4");
        Run("vector", "extract", bundle, "--dataset", Data("bold=", "bold-train.json"), "--layers", "2-3", "--out", vector, "--report", runner["report.json"]);
        string steer = vector + "@mlp_in.3";
        Run("lens", bundle, "--prompt", "Anna comes", "--generate", "2", "--target", " from", "--candidates", "int8", "--steer", steer, "--csv", runner["lens"], "--json", runner["lens/lens.json"], "--activations", runner["lens/activations.safetensors"], "--logits");
        File.WriteAllText(runner["prompts.txt"], "Anna comes\nThe colour of\n");
        Run("lens", bundle, "--prompts", runner["prompts.txt"], "--target", " from", "--steer", steer, "--csv", runner["many"]);
        Generated = Run("generate", bundle, "--prompt", "Anna comes", "--max-new-tokens", "2", "--temperature", "0.5", "--steer", steer, "--json");
        Run("dataset", "split", Data("", "bold-train.json"), "--parts", "train=0.5,test=0.5", "--out", runner["splits.json"]);
        string[] few = ["--limit", "8", "--resamples", "100"];
        Run(["sweep", bundle, "--dataset", Data("", "bold-test.json"), "--extract", Data("bold=", "bold-train.json"), "--layers", "2-3", "--controls", "2", "--text", Data("", "ordinary.jsonl"), "--text-tokens", "200", "--out", runner["sweep"], .. few]);
        Run(["drift", bundle, int4, "--prompts", runner["prompts.txt"], "--dataset", Data("", "bold-test.json"), "--vector", vector, "--out", runner["drift"], .. few]);
        Run("gate", "--baseline", runner["baseline.json"], "--result", runner["sweep/summary.json"], "--update");
        return runner;

        string Run(params string[] words) => runner.Invoke(words).Expect(0).Out;
    }

    private static string Data(string name, string file) => name + Path.Combine(RepositoryRoot.Path, "eval", "datasets", file);
}
