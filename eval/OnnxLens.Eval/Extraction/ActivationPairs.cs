using OnnxLens.Bundles;

namespace OnnxLens.Eval.Extraction;

/// <summary>Activations of both sides of pairs at some hook points, [pairs][H] fp32 each, in the order of the pairs.</summary>
public sealed class ActivationPairs
{
    private readonly Dictionary<HookPoint, (List<float[]> Positive, List<float[]> Negative)> _rows;

    internal ActivationPairs(IEnumerable<HookPoint> points) =>
        _rows = points.ToDictionary(point => point, _ => (new List<float[]>(), new List<float[]>()));

    /// <summary>The hook points.</summary>
    public IReadOnlyCollection<HookPoint> Points => _rows.Keys;

    /// <summary>Pairs read so far.</summary>
    public int Count => _rows.Values.Select(rows => rows.Positive.Count).FirstOrDefault();

    /// <summary>Activations with the trait.</summary>
    public IReadOnlyList<float[]> Positive(HookPoint point) => _rows[point].Positive;

    /// <summary>Activations without it.</summary>
    public IReadOnlyList<float[]> Negative(HookPoint point) => _rows[point].Negative;

    internal void Add(HookPoint point, float[] positive, float[] negative)
    {
        _rows[point].Positive.Add(positive);
        _rows[point].Negative.Add(negative);
    }
}
