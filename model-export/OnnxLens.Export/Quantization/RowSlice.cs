namespace OnnxLens.Export.Quantization;

/// <summary>Consecutive rows of a matrix, quantised in one piece of work.</summary>
/// <param name="Tensor">The matrix.</param>
/// <param name="First">The first row.</param>
/// <param name="Count">How many.</param>
internal readonly record struct RowSlice(QuantizedTensor Tensor, long First, int Count)
{
    private const long Elements = 1 << 19;

    /// <summary>Cuts a matrix into slices of about half a million weights, at least one row each.</summary>
    public static IEnumerable<RowSlice> Of(QuantizedTensor tensor)
    {
        int count = (int)Math.Max(1, Elements / tensor.Columns);
        for (long first = 0; first < tensor.Rows; first += count)
        {
            yield return new RowSlice(tensor, first, (int)Math.Min(count, tensor.Rows - first));
        }
    }
}
