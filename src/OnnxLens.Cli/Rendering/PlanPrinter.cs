using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;
using OnnxLens.Cli.Models;
using OnnxLens.Export.Planning;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints the plan of an export: what was decided, a table of its parts, one of its devices, and what was asked about them.</summary>
internal static class PlanPrinter
{
    private const int NameWidth = 18;
    private const double BytesPerGigabyte = 1e9;

    /// <summary>Prints.</summary>
    public static void Print(CliHost host, PlanReport report)
    {
        PrintModel(host, report.Plan);
        host.Out.WriteLine();
        PrintParts(host, report);
        host.Out.WriteLine();
        PrintDevices(host, report);
        if (report.DeviceBytes is long room)
        {
            host.Out.WriteLine();
            PrintFit(host, report, room);
        }

        if (report.Bandwidth is long bandwidth)
        {
            host.Out.WriteLine();
            PrintStep(host, report.Plan, bandwidth);
        }
    }

    private static void PrintModel(CliHost host, ExportPlan plan)
    {
        void Line(string name, FormattableString value) =>
            host.Out.WriteLine($"{name.PadRight(NameWidth)}{VisibleText.ForTerminal(value.ToString(CultureInfo.InvariantCulture))}");

        ModelFacts model = plan.Model;
        Line("dry run of", $"{plan.Folder}; nothing is written");
        Line("weights", $"{plan.Parameters} parameters in {plan.WeightType}, {(plan.HasWeights ? "by the headers of the weight files" : "by config.json, as there are no .safetensors weights")}");
        Line("model", $"{model.Family}, {model.Layers} layers, hidden size {model.HiddenSize}, vocabulary {model.VocabularySize}{(model.TiedEmbedding ? ", tied embedding" : "")}");
        Line("precision", $"{PrecisionText.Of(plan.Precision, plan.Quantization)}");
        Line("length", $"{model.MaxLength} tokens, one sequence");
        Line("captures", $"resid_post of every layer, at all positions or at the last {ExportPlan.CaptureWindow}");
        Line("not counted", $"rotary tables, activations of a prompt's chunk, what runtime and driver take");
    }

    private static void PrintParts(CliHost host, PlanReport report)
    {
        ExportPlan plan = report.Plan;
        MemoryParts[] parts = [.. plan.Shards.Select(shard => shard.Memory), plan.Head.Memory];
        var table = new ColumnTable("part", [.. plan.Shards.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"shard {i}")), "LM head"]);
        table.AddNames("device", plan.Shards.Select(shard => shard.Device).Append(plan.Head.Device));
        table.AddNumbers("layers", 1, plan.Shards.Select(Layers).Append(ColumnTable.Undefined));
        AddMemory(table, parts);
        if (report.Bandwidth is long bandwidth)
        {
            table.AddNumbers("step ms", 2, plan.Shards.Select(shard => shard.StepBytes).Append(plan.Head.StepBytes).Select(bytes => ColumnTable.Number(1000.0 * bytes / bandwidth)));
        }

        table.Print(host);
    }

    private static void PrintDevices(CliHost host, PlanReport report)
    {
        ImmutableArray<DeviceNeed> devices = report.Plan.Devices;
        var table = new ColumnTable("device", [.. devices.Select(device => device.Device)]);
        AddMemory(table, [.. devices.Select(device => device.Memory)]);
        table.AddNumbers("all", 0, devices.Select(device => ByteSize.Of(device.Memory.Total(CaptureExtent.Whole))));
        table.AddNumbers($"all, last {ExportPlan.CaptureWindow}", 1, devices.Select(device => ByteSize.Of(device.Memory.Total(CaptureExtent.Window))));
        table.Print(host);
    }

    private static void AddMemory(ColumnTable table, IReadOnlyCollection<MemoryParts> parts)
    {
        table.AddNumbers("weights", 0, parts.Select(part => Size(part.Weights)));
        table.AddNumbers("KV cache", 2, parts.Select(part => Size(part.Cache)));
        table.AddNumbers("captures", 2, parts.Select(part => Size(part.Captures)));
        table.AddNumbers($"last {ExportPlan.CaptureWindow}", 3, parts.Select(part => Size(part.WindowCaptures)));
        table.AddNumbers("head call", 3, parts.Select(part => Size(part.HeadCall)));
    }

    private static void PrintFit(CliHost host, PlanReport report, long room)
    {
        string size = string.Create(CultureInfo.InvariantCulture, $"{room / BytesPerGigabyte} GB ({ByteSize.Of(room)})");
        GridWriter.WriteText(host, $"a device of {size} for each shard, the LM head beside the last:");
        foreach ((CaptureExtent extent, int? least) in report.Least)
        {
            long fullest = report.Plan.Fullest(extent);
            string fits = string.Create(
                CultureInfo.InvariantCulture,
                $"the fullest takes {ByteSize.Of(fullest)}, {100.0 * fullest / room:F0} %: {(fullest <= room ? "fits" : "does not fit")}");
            string needed = least is int count
                ? string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "is" : "are")} enough")
                : "no number is enough, as one layer alone takes more";
            GridWriter.WriteText(host, $"  {(extent == CaptureExtent.Whole ? "captures at all positions" : $"captures at the last {ExportPlan.CaptureWindow}")}: {fits}; {needed}");
        }
    }

    private static void PrintStep(CliHost host, ExportPlan plan, long bandwidth)
    {
        double seconds = plan.StepSeconds(bandwidth);
        GridWriter.WriteText(host, string.Create(
            CultureInfo.InvariantCulture,
            $"a decode step at {plan.Model.MaxLength} tokens reads {ByteSize.Of(plan.StepBytes)}, at {bandwidth / BytesPerGigabyte} GB/s in {ColumnTable.Number(1000 * seconds)} ms at least: {ColumnTable.Number(1 / seconds)} tokens/s at most"));
    }

    private static string Layers(ShardNeed shard) => LayerRanges.Of(Enumerable.Range(shard.FirstLayer, shard.LayerCount));

    private static string Size(long bytes) => bytes == 0 ? ColumnTable.Undefined : ByteSize.Of(bytes);
}
