using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;
using OnnxLens.Runtime;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Eval.Tests;

/// <summary>The shared steering case: a checkpoint, its pairs, and what transformers, scikit-learn and scipy make of them.</summary>
internal static class SteeringEvalCase
{
    /// <summary>The hook point of extraction and sweep.</summary>
    public static HookPoint Point { get; } = new(Site.MlpIn, 2);

    public static string Folder => SharedData.Require("golden/steering-eval");

    public static string Checkpoint => Path.Combine(Folder, "checkpoint");

    public static GoldenTensors Tensors => new(Path.Combine(Folder, "golden.safetensors"));

    /// <summary>A JSON file of the case.</summary>
    public static JsonElement Json(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name)));
        return document.RootElement.Clone();
    }

    /// <summary>The pairs of <c>train.json</c> or <c>test.json</c>, by the case's tokenizer.</summary>
    public static PairSet Pairs(string name) =>
        new PairTokenizer(Tokenizer.Load(Checkpoint), PromptForm.Raw).Tokenize(DatasetReader.ReadAnswers(Path.Combine(Folder, name + ".json")));

    public static LensModel Open(LensModelOptions options, int shards = 1) => LensModel.Open(TestBundles.Of(Checkpoint, shards), options);
}
