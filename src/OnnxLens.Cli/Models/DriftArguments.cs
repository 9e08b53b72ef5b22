using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>The drift command, as the command line says it.</summary>
internal sealed record DriftArguments
{
    /// <summary>A: a bundle or checkpoint folder, from which distance is measured.</summary>
    public required string FolderA { get; init; }

    /// <summary>B: a bundle or checkpoint folder, whose distance is measured.</summary>
    public required string FolderB { get; init; }

    /// <summary>The file of prompts.</summary>
    public required string Prompts { get; init; }

    /// <summary>Sites to compare.</summary>
    public ImmutableArray<Site> Sites { get; init; } = [Site.ResidPost];

    /// <summary>Layers to compare, as written.</summary>
    public string Layers { get; init; } = "all";

    /// <summary>Positions to compare.</summary>
    public PositionSelection Positions { get; init; } = PositionSelection.All;

    /// <summary>k of the top-k overlap.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>How slopes are compared, or null where they are not.</summary>
    public DriftSlopeArguments? Slopes { get; init; }

    /// <summary>Folder of the result, or null.</summary>
    public string? Output { get; init; }

    /// <summary>Folder of Parquet files, or null.</summary>
    public string? ParquetFolder { get; init; }

    /// <summary>Forms of pictures to draw into it: <c>png</c>, <c>svg</c>.</summary>
    public ImmutableArray<string> Plots { get; init; } = [];

    /// <summary>File of the page, or null.</summary>
    public string? HtmlFile { get; init; }

    /// <summary>How both models are opened.</summary>
    public LensModelOptions Model { get; init; } = new();

    /// <summary>True: no progress and no remarks.</summary>
    public bool Quiet { get; init; }

    /// <summary>Every file that is read, bundles apart.</summary>
    public IEnumerable<string> Inputs => Slopes is null ? [Prompts] : Slopes.Inputs.Prepend(Prompts);
}
