using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Export.Planning;
using OnnxLens.Export.Quantization;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Tests.Planning;

/// <summary>The tables of docs/scale.md, in Markdown, computed from the public configs.</summary>
internal static class ScaleTables
{
    private const int Short = 1500;
    private const int Long = 32768;
    private const string None = "–";

    private static readonly int[] Lengths = [Short, Long];
    private static readonly int[] DeviceGigabytes = [24, 48, 80, 141];
    private static readonly double[] Terabytes = [1, 3.35, 4.8];
    private static readonly (string Name, Bundles.Quantization? Form)[] Forms = [("bf16", null), ("int4", QuantizationForms.Default(4))];

    /// <summary>Every table by the name that marks its place.</summary>
    public static ImmutableSortedDictionary<string, string> All => ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("weights", Weights()),
        KeyValuePair.Create("lengths", ByLength()),
        KeyValuePair.Create("shards", Shards()),
        KeyValuePair.Create("fit", Fit()),
        KeyValuePair.Create("steps", Steps()),
    ]);

    private static string Weights() => Table(
        ["model", "parameters", "weights, bf16", "of them the LM head", "weights, int4", "KV cache, one token", "captures, one token", "LM head, one call"],
        PublicConfigs.All.Select(model =>
        {
            ExportPlan plan = Planner(model.Folder, Short).Plan();
            ExportPlan quantised = Planner(model.Folder, Short, Forms[1].Form).Plan();
            return new[]
            {
                model.Title, Text($"{plan.Parameters / 1e9:F2} × 10⁹"), Gib(plan.Memory.Weights), Gib(plan.Head.Memory.Weights), Gib(quantised.Memory.Weights),
                Kib(plan.Memory.Cache / Short), Kib(plan.Memory.Captures / Short), Text($"{Gib(plan.Memory.HeadCall)} for {plan.Head.Rows} rows"),
            };
        }));

    private static string ByLength() => Table(
        ["model", .. Lengths.SelectMany(length => new[] { $"KV cache, {Count(length)} tokens", $"captures, {Count(length)} tokens" }), $"captures, last {ExportPlan.CaptureWindow}"],
        PublicConfigs.All.Select(model =>
        {
            MemoryParts[] parts = [.. Lengths.Select(length => Planner(model.Folder, length).Plan().Memory)];
            return (string[])[model.Title, .. parts.SelectMany(part => new[] { Gib(part.Cache), Gib(part.Captures) }), Gib(parts[^1].WindowCaptures)];
        }));

    private static string Shards() => Table(
        ["model", "device", "layers", "weights", "KV cache", "captures", $"captures, last {ExportPlan.CaptureWindow}", "LM head and a call", $"all, last {ExportPlan.CaptureWindow}", "all"],
        from model in PublicConfigs.All
        from count in new[] { 2, 4 }
        let plan = Planner(model.Folder, Long, devices: count).Plan()
        from shard in plan.Shards
        let memory = shard.Memory
        let all = plan.OnItsOwn(shard)
        select new[]
        {
            model.Title, Text($"{shard.Device[(shard.Device.IndexOf(':', StringComparison.Ordinal) + 1)..]} of {count}"), Text($"{shard.FirstLayer}–{shard.FirstLayer + shard.LayerCount - 1}"),
            Gib(memory.Weights), Gib(memory.Cache), Gib(memory.Captures), Gib(memory.WindowCaptures),
            shard == plan.Shards[^1] ? Gib(plan.Head.Memory.Total(CaptureExtent.Window)) : None, Gib(all.Total(CaptureExtent.Window)), Gib(all.Total(CaptureExtent.Whole)),
        });

    private static string Fit() => Table(
        ["model", "weights", "tokens", .. DeviceGigabytes.Select(size => $"{size} GB")],
        from model in PublicConfigs.All
        from form in Forms
        from length in Lengths
        let planner = Planner(model.Folder, length, form.Form)
        select (string[])[model.Title, form.Name, Count(length), .. DeviceGigabytes.Select(size => $"{Least(planner, size, CaptureExtent.Window)}, {Least(planner, size, CaptureExtent.Whole)}")]);

    private static string Steps() => Table(
        ["model", "weights", "tokens", "read", .. Terabytes.Select(rate => Text($"{rate} TB/s"))],
        from model in PublicConfigs.All
        from form in Forms
        from length in Lengths
        let plan = Planner(model.Folder, length, form.Form).Plan()
        select (string[])[model.Title, form.Name, Count(length), Gib(plan.StepBytes), .. Terabytes.Select(rate => Step(plan, rate))]);

    private static string Least(ExportPlanner planner, int gigabytes, CaptureExtent captures)
    {
        long room = gigabytes * 1_000_000_000L;
        return planner.Least(room, captures) is { } plan ? Text($"{plan.Shards.Length} ({100.0 * plan.Fullest(captures) / room:F0} %)") : None;
    }

    private static string Step(ExportPlan plan, double terabytes)
    {
        double seconds = plan.StepSeconds(terabytes * 1e12);
        string rate = (1 / seconds).ToString(seconds > 0.01 ? "F1" : "F0", CultureInfo.InvariantCulture);
        return Text($"{1000 * seconds:F1} ms, {rate}/s");
    }

    private static ExportPlanner Planner(string name, int length, Bundles.Quantization? form = null, int devices = 1) => ExportPlanner.Read(
        PublicConfigs.Folder(name),
        new ExportOptions { Devices = [.. Enumerable.Range(0, devices).Select(index => new Device(DeviceKind.Cuda, index))], MaxLength = length, Quantization = form });

    private static string Table(IReadOnlyCollection<string> heads, IEnumerable<string[]> rows) =>
        string.Join('\n', [Row(heads), "|" + string.Concat(Enumerable.Repeat("---|", heads.Count)), .. rows.Select(Row)]) + "\n";

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Gib(long bytes) => bytes >= 1L << 30 ? Text($"{bytes / (double)(1L << 30):F1} GiB") : Text($"{bytes / (double)(1L << 20):F0} MiB");

    private static string Kib(long bytes) => Text($"{bytes / 1024.0:0.#} KiB");

    private static string Count(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
