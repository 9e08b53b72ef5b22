namespace OnnxLens.Bench.Jobs;

/// <summary>Part of what a way read in each cell, so that it can be seen that every way reads the same.</summary>
/// <param name="layers">Layers.</param>
/// <param name="positions">Positions.</param>
internal sealed class Cells(int layers, int positions)
{
    private readonly int[] _top = [.. Enumerable.Repeat(-1, layers * positions)];
    private readonly float[] _logProbs = new float[layers * positions];
    private readonly float[] _entropy = new float[layers * positions];

    /// <summary>Layers.</summary>
    public int Layers => layers;

    /// <summary>Positions.</summary>
    public int Positions => positions;

    /// <summary>Stores what was read in a cell.</summary>
    public void Put(int layer, int position, int top, float logProb, float entropy)
    {
        int cell = (layer * positions) + position;
        _top[cell] = top;
        _logProbs[cell] = logProb;
        _entropy[cell] = entropy;
    }

    /// <summary>The most likely token, −1 where the cell was not read, its log-probability, and the entropy in nats.</summary>
    public (int Top, float LogProb, float Entropy) At(int layer, int position)
    {
        int cell = (layer * positions) + position;
        return (_top[cell], _logProbs[cell], _entropy[cell]);
    }
}
