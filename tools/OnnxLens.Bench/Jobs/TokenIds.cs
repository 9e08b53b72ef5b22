namespace OnnxLens.Bench.Jobs;

/// <summary>Ids that stand for any text: spread over the vocabulary, always the same.</summary>
internal static class TokenIds
{
    /// <summary>So many ids.</summary>
    public static int[] Spread(int count, int vocabulary) => [.. Enumerable.Range(1, count).Select(i => (int)(i * 7919L % vocabulary))];
}
