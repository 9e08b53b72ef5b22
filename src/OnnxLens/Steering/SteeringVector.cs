using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OnnxLens.Bundles;

namespace OnnxLens.Steering;

/// <summary>Directions in the activations of one site: one vector of H values for each layer that has one. Immutable.</summary>
public sealed class SteeringVector
{
    /// <summary>Makes a vector.</summary>
    /// <param name="site">The site it belongs to.</param>
    /// <param name="layers">Layer → H values. At least one layer, all of one length.</param>
    /// <param name="origin">Who made it and from what, or null where that is not known.</param>
    /// <exception cref="SelectionException">There is no layer, a layer is negative, lengths differ, or a value is not finite.</exception>
    public SteeringVector(Site site, IReadOnlyDictionary<int, ImmutableArray<float>> layers, VectorOrigin? origin = null)
    {
        ArgumentNullException.ThrowIfNull(layers);
        Site = site;
        Layers = layers.ToImmutableSortedDictionary();
        Origin = origin;
        Check();
        HiddenSize = Layers.Values.First().Length;
        Hash = ComputeHash();
    }

    /// <summary>The site.</summary>
    public Site Site { get; }

    /// <summary>Layer → H values.</summary>
    public ImmutableSortedDictionary<int, ImmutableArray<float>> Layers { get; }

    /// <summary>Who made it and from what, or null where that is not known.</summary>
    public VectorOrigin? Origin { get; }

    /// <summary>Values per layer, H.</summary>
    public int HiddenSize { get; }

    /// <summary>SHA-256 over site, layers and values; the origin is not part of it. Lower-case hex.</summary>
    public string Hash { get; }

    /// <summary>Refuses a vector that was not made for a model of these sizes.</summary>
    /// <param name="facts">The model.</param>
    /// <param name="name">What the user calls the vector, e.g. its file, for the message.</param>
    /// <remarks>The family is compared where the vector was extracted from a bundle: other programs write other names for it.</remarks>
    /// <exception cref="SelectionException">The hidden size or family differs, or the model has no such layer; the message has both.</exception>
    public void RequireFits(ModelFacts facts, string name)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (Origin is { BundleHash: not null, Model: string family } && family != facts.Family)
        {
            throw new SelectionException($"'{name}' was made on a model of the family '{family}', but this one is of '{facts.Family}'. Give a vector that was made for this model.");
        }

        if (HiddenSize != facts.HiddenSize)
        {
            throw new SelectionException($"'{name}' has {HiddenSize} values per layer, but the model's hidden size is {facts.HiddenSize}. Give a vector that was made for this model.");
        }

        int last = Layers.Keys.Last();
        if (last >= facts.Layers)
        {
            throw new SelectionException($"'{name}' has a vector at '{new HookPoint(Site, last)}', but the model has layers 0 to {facts.Layers - 1}. Give a vector that was made for this model.");
        }
    }

    private void Check()
    {
        if (Layers.IsEmpty)
        {
            throw new SelectionException($"A steering vector at '{Site.Name()}' has no layer. Give values for at least one.");
        }

        int length = Layers.Values.First().Length;
        foreach ((int layer, ImmutableArray<float> values) in Layers)
        {
            var point = new HookPoint(Site, layer);
            if (layer < 0 || values.IsDefaultOrEmpty || values.Length != length)
            {
                throw new SelectionException($"The steering vector at '{point}' has {(values.IsDefault ? 0 : values.Length)} values, where {length} were expected, as in its first layer.");
            }

            int bad = values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            if (bad >= 0)
            {
                throw new SelectionException($"The steering vector at '{point}' has {values[bad].ToString(CultureInfo.InvariantCulture)} as value {bad}; it would poison every later position. Make the vector again.");
            }
        }
    }

    private string ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((int layer, ImmutableArray<float> values) in Layers)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{new HookPoint(Site, layer)}\n"));
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
