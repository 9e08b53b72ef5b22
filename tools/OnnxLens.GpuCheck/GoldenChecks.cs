using System.Globalization;
using OnnxLens.Export.Families;

namespace OnnxLens.GpuCheck;

/// <summary>Every golden case, in both half precisions, in one shard and two on the same device.</summary>
internal static class GoldenChecks
{
    private const string Tensors = "golden.safetensors";

    /// <summary>Runs them.</summary>
    /// <param name="context">The device.</param>
    /// <param name="folder">The folder of the cases.</param>
    public static void Run(CheckContext context, string folder)
    {
        foreach (string path in Directory.EnumerateDirectories(folder).Where(path => File.Exists(Path.Combine(path, Tensors))).Order(StringComparer.Ordinal))
        {
            foreach (Precision precision in (Precision[])[Precision.Fp16, Precision.Bf16])
            {
                context.Cancellation.ThrowIfCancellationRequested();
                string name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)} {precision}").ToLowerInvariant();
                try
                {
                    using var check = new GoldenCheck(context, name, Path.Combine(path, "checkpoint"), Path.Combine(path, Tensors), precision);
                    check.Run();
                }
                catch (OnnxLensException refusal)
                {
                    context.Report.Fail(name, refusal.Message);
                }
            }
        }
    }
}
