namespace OnnxLens.Export.Tests.Graphs;

/// <summary>What an LM head gave, row-major; shapes in the order of the members.</summary>
internal sealed record HeadResult(
    float[] Logits,
    long[] TopIds,
    float[] TopLogProbs,
    float[] LogSumExp,
    float[] Entropy,
    float[] TargetLogProbs,
    long[] TargetRanks,
    float[] Kl,
    long[][] Shapes);
