namespace OnnxLens.Lens;

/// <summary>A block of cells that one call of the LM head decodes: some points at some positions.</summary>
/// <param name="FirstPoint">The first point.</param>
/// <param name="PointCount">How many points.</param>
/// <param name="FirstPosition">The first position.</param>
/// <param name="PositionCount">How many positions.</param>
/// <param name="FinalOffset">Which row of a position is the model's own output; <paramref name="PointCount"/> where it is an extra row behind the points.</param>
internal readonly record struct LensChunk(int FirstPoint, int PointCount, int FirstPosition, int PositionCount, int FinalOffset)
{
    /// <summary>Rows decoded per position, the extra one counted.</summary>
    public int RowsPerPosition => Math.Max(PointCount, FinalOffset + 1);

    /// <summary>Covers every cell once.</summary>
    /// <param name="points">Number of points.</param>
    /// <param name="positions">Number of positions.</param>
    /// <param name="maxRows">Rows of one call at most; at least 2.</param>
    /// <param name="finalPoint">The point that is the model's own output, or −1 where it is not among them.</param>
    public static IEnumerable<LensChunk> Plan(int points, int positions, int maxRows, int finalPoint)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 2);
        bool whole = points <= maxRows - (finalPoint < 0 ? 1 : 0);
        int pointsPerChunk = whole ? points : maxRows - 1;
        for (int point = 0; point < points; point += pointsPerChunk)
        {
            int pointCount = Math.Min(pointsPerChunk, points - point);
            int final = finalPoint >= point && finalPoint < point + pointCount ? finalPoint - point : pointCount;
            int perPosition = Math.Max(pointCount, final + 1);
            int positionsPerChunk = Math.Max(1, maxRows / perPosition);
            for (int position = 0; position < positions; position += positionsPerChunk)
            {
                yield return new LensChunk(point, pointCount, position, Math.Min(positionsPerChunk, positions - position), final);
            }
        }
    }
}
