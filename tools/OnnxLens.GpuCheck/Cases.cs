using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Export.Families;
using OnnxLens.Safetensors;

namespace OnnxLens.GpuCheck;

/// <summary>Every golden case of a folder, in turn; what is refused counts as failed, and the next one runs.</summary>
/// <param name="context">The device.</param>
internal sealed class Cases(CheckContext context)
{
    private const string Tensors = "golden.safetensors";

    private static readonly ImmutableArray<(Precision Precision, double Tolerance)> Precisions = [(Precision.Fp16, 0.02), (Precision.Bf16, 0.12)];

    /// <summary>Checkpoints, in both half precisions, in one shard and two on the same device, and with quantised weights.</summary>
    /// <param name="folder">The folder of the cases: each a folder with <c>checkpoint/</c> and <c>golden.safetensors</c>.</param>
    public void Checkpoints(string folder)
    {
        foreach (string path in Having(folder, Tensors))
        {
            string checkpoint = Path.Combine(path, "checkpoint");
            string golden = Path.Combine(path, Tensors);
            foreach ((Precision precision, double tolerance) in Precisions)
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)} {precision}").ToLowerInvariant();
                Try(name, () =>
                {
                    using var check = new GoldenCheck(context, name, checkpoint, golden, precision, tolerance);
                    check.Run();
                });
            }

            string quantized = Path.GetFileName(path);
            foreach (int bits in (int[])[4, 8])
            {
                Try($"{quantized} int{bits}", () => new QuantizedCheck(context, quantized, checkpoint, Tokens(golden)).Run(bits, Precisions));
            }
        }
    }

    /// <summary>Graphs that other programs exported.</summary>
    /// <param name="folder">The folder of the exports: each a folder with the export, <c>golden.json</c> and <c>golden.safetensors</c>.</param>
    /// <param name="checkpoints">The folder of the cases of the checkpoints they were exported from, or null.</param>
    public void Exports(string folder, string? checkpoints)
    {
        foreach (string path in Having(folder, "golden.json"))
        {
            Try(Path.GetFileName(path), () => new ForeignCheck(context, path, checkpoints).Run());
        }
    }

    private static IEnumerable<string> Having(string folder, string file) =>
        Directory.EnumerateDirectories(folder).Where(path => File.Exists(Path.Combine(path, file))).Order(StringComparer.Ordinal);

    private static ImmutableArray<int> Tokens(string golden)
    {
        using SafetensorsFile file = SafetensorsFile.Open(golden);
        return [.. file.ReadInt64("tokens").Select(id => (int)id)];
    }

    private void Try(string name, Action check)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        try
        {
            check();
        }
        catch (OnnxLensException refusal)
        {
            context.Report.Fail(name, refusal.Message);
        }
    }
}
