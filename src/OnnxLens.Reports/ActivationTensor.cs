using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Reports;

/// <summary>A captured tensor, read row by row while it is written, so that memory holds one row.</summary>
/// <param name="Name">Its name in the file, e.g. <c>resid_post.12</c> or <c>logits</c>.</param>
/// <param name="Shape">Sizes, row-major; the last is the width of a row.</param>
/// <param name="ReadRow">Fills a row. Rows are asked for once, in order from 0; the span is one row wide.</param>
public sealed record ActivationTensor(string Name, ImmutableArray<long> Shape, Action<int, Span<float>> ReadRow)
{
    /// <summary>The name under which logits are written.</summary>
    public const string LogitsName = "logits";

    /// <summary>A captured site, [1, S, H], under the hook point's own name.</summary>
    public static ActivationTensor OfHookPoint(HookPoint point, int positions, int hidden, Action<int, Span<float>> readRow) =>
        new(point.ToString(), [1, positions, hidden], readRow);

    /// <summary>The model's logits, [1, S, V].</summary>
    public static ActivationTensor OfLogits(int positions, int vocabulary, Action<int, Span<float>> readRow) =>
        new(LogitsName, [1, positions, vocabulary], readRow);
}
