using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Bundles;

namespace OnnxLens.Steering.Files;

/// <summary>The directions of a file as they are read, each checked against those before it.</summary>
internal sealed class DirectionSet(string path)
{
    private readonly SortedDictionary<Site, Dictionary<int, ImmutableArray<float>>> _sites = [];
    private readonly Dictionary<HookPoint, string> _names = [];
    private string? _firstName;
    private int _hiddenSize;

    /// <summary>An error in the file, or at a tensor of it.</summary>
    internal static VectorException Broken(string path, string what, string fix, Exception? cause = null) => new($"'{path}': {what}. {fix}", cause!);

    /// <summary>A name in quotes, cut where it would drown the message.</summary>
    internal static string Quoted(string name) => name.Length <= 100 ? $"'{name}'" : $"'{name[..100]}…'";

    /// <summary>Notes a point, so that a file which has it twice is refused before its values are read.</summary>
    /// <exception cref="VectorException">The point is there already.</exception>
    internal void Claim(HookPoint point, string name)
    {
        if (!_names.TryAdd(point, name))
        {
            throw Broken(path, $"{Quoted(_names[point])} and {Quoted(name)} are both the vector at '{point}'", "Keep one of them.");
        }
    }

    /// <summary>Adds the values at a claimed point.</summary>
    /// <exception cref="VectorException">There are no values, another number than in the first vector, or one is not finite.</exception>
    internal void Add(HookPoint point, float[] values)
    {
        string name = _names[point];
        if (values.Length == 0)
        {
            throw Broken(path, $"{Quoted(name)} has no values", "Expected one for each dimension of the residual stream.");
        }

        _firstName ??= name;
        _hiddenSize = _hiddenSize == 0 ? values.Length : _hiddenSize;
        if (values.Length != _hiddenSize)
        {
            throw Broken(path, $"{Quoted(name)} has {values.Length} values, but {Quoted(_firstName)} has {_hiddenSize}", "Put vectors of one model into one file.");
        }

        int bad = values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (bad >= 0)
        {
            throw Broken(path, $"{Quoted(name)} has {values[bad].ToString(CultureInfo.InvariantCulture)} as value {bad}; in single precision it is not finite, and would poison every later position", "Make the vector again.");
        }

        if (!_sites.TryGetValue(point.Site, out Dictionary<int, ImmutableArray<float>>? layers))
        {
            _sites.Add(point.Site, layers = []);
        }

        layers.Add(point.Layer, [.. values]);
    }

    /// <summary>One vector for each site, in forward order.</summary>
    /// <exception cref="VectorException">Nothing was read.</exception>
    internal ImmutableArray<SteeringVector> Build(Func<Site, VectorOrigin?> origin) => _sites.Count == 0
        ? throw Broken(path, "it holds no vector", "Expected at least one.")
        : [.. _sites.Select(site => new SteeringVector(site.Key, site.Value, origin(site.Key)))];
}
