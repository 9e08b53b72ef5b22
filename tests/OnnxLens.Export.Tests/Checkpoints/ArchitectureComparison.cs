using System.Text.Json;
using OnnxLens.Export.Families;

namespace OnnxLens.Export.Tests.Checkpoints;

/// <summary>Compares architectures by value: their lists compare by reference.</summary>
internal static class ArchitectureComparison
{
    public static void AreEqual(Architecture expected, Architecture actual) => Assert.AreEqual(Text(expected), Text(actual));

    private static string Text(Architecture architecture) =>
        $"{JsonSerializer.Serialize(architecture.Facts)} {architecture.Rope} {JsonSerializer.Serialize(architecture.Windows)} "
        + $"{architecture.RmsNormEpsilon:R} {architecture.QkNorm} {architecture.QkvBias} {architecture.AttentionOutBias} {architecture.MlpBias}";
}
