using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Instrument;
using OnnxLens.Runtime;
using OnnxLens.Safetensors;

namespace OnnxLens.GpuCheck;

/// <summary>A graph that another program exported, instrumented for the device, against what it gives on the CPU, or where that cannot run it, what transformers computed in fp32.</summary>
/// <param name="context">The device.</param>
/// <param name="folder">The folder: the export, <c>golden.json</c> and <c>golden.safetensors</c>.</param>
/// <param name="checkpoints">The folder of the golden cases.</param>
internal sealed class ForeignCheck(CheckContext context, string folder, string? checkpoints)
{
    private const string Tensors = "golden.safetensors";
    private const double Tolerance = 0.12;

    private readonly string _name = Path.GetFileName(folder);
    private readonly JsonElement _facts = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Path.Combine(folder, "golden.json")));

    /// <summary>Runs every check.</summary>
    public void Run()
    {
        using SafetensorsFile? reference = Reference();
        if (reference is null)
        {
            context.Report.Fail(_name, $"There is neither '{Tensors}' with logits in '{folder}' nor the golden case it was exported from.");
            return;
        }

        ImmutableArray<int> tokens = [.. reference.ReadInt64("tokens").Select(id => (int)id)];
        (LensBundle whole, string remark) = Instrument(1);
        PromptValues one = Values(whole, tokens);
        PromptValues two = Values(Instrument(2).Bundle, tokens);
        float[] expected = reference.ReadSingles("logits");
        context.Report.AtMost($"{_name}: last logits against {(Runs() ? "the CPU" : "transformers")}, relative", Numbers.Relative(expected.AsSpan(expected.Length - one.Logits.Length), one.Logits), Tolerance, remark);
        context.Report.Hold($"{_name}: two shards are one, bit for bit", one.HasBitsOf(two));
        Placement.Report(context, _name, whole, tokens, must: false);
    }

    /// <summary>The checkpoint, where the graph's name says that it was exported without an end.</summary>
    private GivenTensor? Ends(string mark) => _name.Contains(mark, StringComparison.Ordinal) && Case() is string path ? new GivenTensor(Path.Combine(path, "checkpoint"), null) : null;

    /// <summary>The golden case that the graph was exported from.</summary>
    private string? Case() => checkpoints is null ? null : Path.Combine(checkpoints, _facts.GetProperty("checkpoint").GetString()!);

    /// <summary>The graph's own values, or those of the checkpoint.</summary>
    private SafetensorsFile? Reference()
    {
        string?[] places = [Runs() ? folder : null, Case()];
        return places.OfType<string>().Select(place => Path.Combine(place, Tensors)).FirstOrDefault(File.Exists) is string file ? SafetensorsFile.Open(file) : null;
    }

    /// <summary>Whether the CPU runs the graph.</summary>
    private bool Runs() => _facts.GetProperty("runs_with_onnxruntime_cpu").ValueKind == JsonValueKind.True;

    private (LensBundle Bundle, string Remark) Instrument(int shards)
    {
        string target = context.NewBundle();
        var options = new InstrumentOptions
        {
            Devices = [context.Device],
            Shards = shards,
            ProviderLibrary = context.Library,
            Weights = WeightsMode.Reference,
            Embedding = Ends("exclude-embeds"),
            LmHead = Ends("exclude-lm-head"),
        };
        ExportReport report = BundleInstrumenter.Instrument(folder, target, options, null, context.Cancellation);
        return (LensBundle.Open(target), report.Notes[0]);
    }

    private PromptValues Values(LensBundle bundle, ImmutableArray<int> tokens) =>
        PromptValues.Of(context, bundle, Sites.All, tokens, run => Placement.ReportBound(context, $"{_name}: {bundle.Manifest.Shards.Length} shard(s)", run));
}
