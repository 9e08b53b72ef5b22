using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>The sweep command, as the command line says it.</summary>
internal sealed record SweepArguments
{
    /// <summary>A bundle or checkpoint folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The datasets to sweep.</summary>
    public required ImmutableArray<NamedFile> Datasets { get; init; }

    /// <summary>How their rows become prompts.</summary>
    public required DatasetArguments Rows { get; init; }

    /// <summary>Vectors from files.</summary>
    public ImmutableArray<NamedVector> Vectors { get; init; } = [];

    /// <summary>True: vectors that were made on other weights are swept too.</summary>
    public bool OtherModel { get; init; }

    /// <summary>Vectors to be extracted first, or null.</summary>
    public ExtractionArguments? Extract { get; init; }

    /// <summary>Where extracted vectors are written, or null.</summary>
    public string? VectorFile { get; init; }

    /// <summary>The only sites swept of vectors from files, or null for those they have.</summary>
    public ImmutableArray<Site>? Sites { get; init; }

    /// <summary>The only layers swept of vectors from files, as written, or null for those they have.</summary>
    public string? Layers { get; init; }

    /// <summary>The multipliers.</summary>
    public ImmutableArray<double> Multipliers { get; init; } = MultiplierGrid.Default;

    /// <summary>Random vectors per vector and hook point.</summary>
    public int Controls { get; init; } = 20;

    /// <summary>Ordinary text on which costs are measured, or null.</summary>
    public string? Text { get; init; }

    /// <summary>Tokens of it that are taken.</summary>
    public int TextTokens { get; init; } = 4096;

    /// <summary>Folder of the result, or null.</summary>
    public string? Output { get; init; }

    /// <summary>Folder of Parquet files, or null.</summary>
    public string? ParquetFolder { get; init; }

    /// <summary>Forms of pictures to draw into it: <c>png</c>, <c>svg</c>.</summary>
    public ImmutableArray<string> Plots { get; init; } = [];

    /// <summary>File of the page, or null.</summary>
    public string? HtmlFile { get; init; }

    /// <summary>Seed of controls and bootstrap.</summary>
    public ulong Seed { get; init; }

    /// <summary>Resamples of the bootstrap.</summary>
    public int Resamples { get; init; } = 10_000;

    /// <summary>How the model is opened.</summary>
    public LensModelOptions Model { get; init; } = new();

    /// <summary>True: no progress and no remarks.</summary>
    public bool Quiet { get; init; }
}
