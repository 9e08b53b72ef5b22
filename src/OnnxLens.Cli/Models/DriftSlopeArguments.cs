using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Cli.Models;

/// <summary>How the drift command compares slopes, as the command line says it.</summary>
internal sealed record DriftSlopeArguments
{
    /// <summary>The datasets to sweep.</summary>
    public required ImmutableArray<NamedFile> Datasets { get; init; }

    /// <summary>How their rows become prompts.</summary>
    public required DatasetArguments Rows { get; init; }

    /// <summary>Vectors from files.</summary>
    public ImmutableArray<NamedVector> Vectors { get; init; } = [];

    /// <summary>True: vectors that were made on weights of neither bundle are swept too.</summary>
    public bool OtherModel { get; init; }

    /// <summary>Vectors to be extracted first, or null.</summary>
    public ExtractionArguments? Extract { get; init; }

    /// <summary>True: each bundle extracts and sweeps its own; false: those of A are swept in both.</summary>
    public bool ExtractInEach { get; init; }

    /// <summary>The only sites swept of vectors from files, or null for those they have.</summary>
    public ImmutableArray<Site>? Sites { get; init; }

    /// <summary>The only layers swept of vectors from files, as written, or null for those they have.</summary>
    public string? Layers { get; init; }

    /// <summary>The multipliers.</summary>
    public ImmutableArray<double> Multipliers { get; init; } = MultiplierGrid.Default;

    /// <summary>Seed of extraction and bootstrap.</summary>
    public ulong Seed { get; init; }

    /// <summary>Resamples of the bootstrap.</summary>
    public int Resamples { get; init; } = 10_000;

    /// <summary>Every file that is read.</summary>
    public IEnumerable<string> Inputs =>
    [
        .. Datasets.Select(dataset => dataset.Rest),
        .. Vectors.Select(vector => vector.Selector.Path),
        .. new[] { Extract?.Dataset.Rest, Rows.SplitFile }.OfType<string>(),
    ];
}
