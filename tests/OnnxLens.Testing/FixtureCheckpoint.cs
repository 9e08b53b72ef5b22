using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.RandomCheckpoints;

namespace OnnxLens.Testing;

/// <summary>A small made-up checkpoint that the tests write for themselves.</summary>
public sealed class FixtureCheckpoint
{
    private readonly Lazy<ReferenceDecoder> _reference;

    internal FixtureCheckpoint(string name, string folder, RandomCheckpointOptions options)
    {
        RandomCheckpoint.Write(folder, options);
        Name = name;
        Options = options;
        Checkpoint = CheckpointReader.Read(folder);
        _reference = new(() => new ReferenceDecoder(Checkpoint));
    }

    /// <summary>The fixture's name.</summary>
    public string Name { get; }

    /// <summary>What it was written from.</summary>
    public RandomCheckpointOptions Options { get; }

    /// <summary>The checkpoint. Its folder is shared by all tests of the process: read it, do not change it.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The folder, absolute.</summary>
    public string Folder => Checkpoint.Folder;

    /// <summary>The reference decoder over the checkpoint.</summary>
    public ReferenceDecoder Reference => _reference.Value;

    /// <summary>A prompt of ids that look random and are the same every time; a longer one begins with the shorter.</summary>
    public int[] Tokens(int length)
    {
        int[] tokens = new int[length];
        uint state = 12345;
        for (int i = 0; i < length; i++)
        {
            // The constants of Numerical Recipes; the upper bits are the good ones.
            state = unchecked((state * 1664525) + 1013904223);
            tokens[i] = (int)((state >> 16) % (uint)Options.VocabularySize);
        }

        return tokens;
    }

    /// <summary>A vector of H values of norm 4, to steer with; the same every time.</summary>
    public float[] SteeringVector()
    {
        double[] values = [.. Enumerable.Range(1, Options.HiddenSize).Select(i => Math.Sin(i * i * 0.7))];
        double scale = 4 / Math.Sqrt(values.Sum(value => value * value));
        return [.. values.Select(value => (float)(value * scale))];
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
