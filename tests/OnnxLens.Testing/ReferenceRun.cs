using OnnxLens.Bundles;

namespace OnnxLens.Testing;

/// <summary>What the reference decoder computed for one sequence: every site of every layer, the final norm and the logits.</summary>
/// <remarks>Grows as tokens are appended. All values are doubles; rows are never changed once they are here.</remarks>
public sealed class ReferenceRun
{
    private readonly Dictionary<HookPoint, List<double[]>> _sites = [];
    private readonly List<int> _tokens = [];
    private readonly List<double[]> _finalNorm = [];
    private readonly List<double[]> _logits = [];

    internal ReferenceRun(int layers, IReadOnlyList<ReferenceSteering> steering)
    {
        Steering = steering;
        Keys = [.. Enumerable.Range(0, layers).Select(_ => new List<double[]>())];
        Values = [.. Enumerable.Range(0, layers).Select(_ => new List<double[]>())];
    }

    /// <summary>The tokens that were run, S.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Final norm of the last <c>resid_post</c>, [S][H].</summary>
    public IReadOnlyList<double[]> FinalNorm => _finalNorm;

    /// <summary>The logits, [S][V].</summary>
    public IReadOnlyList<double[]> Logits => _logits;

    internal IReadOnlyList<ReferenceSteering> Steering { get; }

    /// <summary>Per layer, the rotated keys of every position, [S][KV · D].</summary>
    internal List<double[]>[] Keys { get; }

    /// <summary>Per layer, the values of every position, [S][KV · D].</summary>
    internal List<double[]>[] Values { get; }

    /// <summary>The rows of a site, [S][H], after its steering.</summary>
    /// <exception cref="KeyNotFoundException">The model has no such layer.</exception>
    public IReadOnlyList<double[]> Rows(Site site, int layer) => _sites[new HookPoint(site, layer)];

    /// <summary>The id of the largest logit of the last position, ties by lower id.</summary>
    public int NextToken() => Array.IndexOf(_logits[^1], _logits[^1].Max());

    internal void AddTokens(IReadOnlyList<int> tokens) => _tokens.AddRange(tokens);

    internal void AddRows(Site site, int layer, double[][] rows)
    {
        HookPoint point = new(site, layer);
        if (!_sites.TryGetValue(point, out List<double[]>? all))
        {
            _sites.Add(point, all = []);
        }

        all.AddRange(rows);
    }

    internal void AddOutputs(double[][] finalNorm, double[][] logits)
    {
        _finalNorm.AddRange(finalNorm);
        _logits.AddRange(logits);
    }
}
