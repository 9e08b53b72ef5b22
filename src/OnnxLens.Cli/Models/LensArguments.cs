using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>The lens command, as the command line says it.</summary>
internal sealed record LensArguments
{
    /// <summary>A bundle or checkpoint folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The prompt.</summary>
    public required PromptSource Prompt { get; init; }

    /// <summary>How to generate after the prompt; null is not at all.</summary>
    public GenerationArguments? Generation { get; init; }

    /// <summary>How the run is steered.</summary>
    public SteeringArguments Steering { get; init; } = SteeringArguments.None;

    /// <summary>Sites to decode.</summary>
    public ImmutableArray<Site> Sites { get; init; } = [Site.ResidPost];

    /// <summary>Layers to decode, as written.</summary>
    public string Layers { get; init; } = "all";

    /// <summary>Positions to decode.</summary>
    public PositionSelection Positions { get; init; } = PositionSelection.All;

    /// <summary>Top tokens of each cell in files.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>Tokens whose rank and probability are shown.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>Folder of CSV files, or null.</summary>
    public string? CsvFolder { get; init; }

    /// <summary>Folder of Parquet files, or null.</summary>
    public string? ParquetFolder { get; init; }

    /// <summary>Forms of pictures to draw into the folder of CSV files: <c>png</c>, <c>svg</c>.</summary>
    public ImmutableArray<string> Plots { get; init; } = [];

    /// <summary>JSON file, or null.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Page for a browser, or null.</summary>
    public string? HtmlFile { get; init; }

    /// <summary>An earlier page whose first lens goes into the page beside the run's own, or null.</summary>
    public string? BesideFile { get; init; }

    /// <summary>Safetensors file of the captured activations, or null.</summary>
    public string? ActivationsFile { get; init; }

    /// <summary>True: the activations file holds the logits too.</summary>
    public bool Logits { get; init; }

    /// <summary>Of many prompts, positions run together at most; null leaves it to the library.</summary>
    public int? BatchTokens { get; init; }

    /// <summary>How the model is opened.</summary>
    public LensModelOptions Model { get; init; } = new();

    /// <summary>Bytes that the run may take beyond the weights; null takes what the machine has.</summary>
    public long? MemoryBudget { get; init; }

    /// <summary>True: no progress and no remarks.</summary>
    public bool Quiet { get; init; }

    /// <summary>Refuses what contradicts itself.</summary>
    /// <exception cref="UsageException">Logits or a lens beside this one are asked for without a file that could hold them, or many prompts with what only one can have.</exception>
    public void Validate()
    {
        if (Prompt.Many is not null)
        {
            ValidateMany();
        }
        else if (BatchTokens is not null)
        {
            throw new UsageException("--batch-tokens says how many prompts run together, but there is one. Give --prompts FILE.");
        }

        if (BesideFile is not null && HtmlFile is null)
        {
            throw new UsageException("--beside says what --html shows beside this run; give --html FILE too.");
        }

        if (Logits && ActivationsFile is null)
        {
            throw new UsageException("--logits says what --activations holds; give --activations FILE too.");
        }
    }

    private void ValidateMany()
    {
        string? single = Generation is not null ? "--generate"
            : JsonFile is not null ? "--json"
            : HtmlFile is not null ? "--html"
            : ActivationsFile is not null ? "--activations"
            : !Plots.IsEmpty ? "--plot"
            : null;
        if (single is not null)
        {
            throw new UsageException($"{single} is for one prompt, and --prompts gives many. Leave one of the two out.");
        }

        if (ParquetFolder is not null)
        {
            throw new UsageException("--prompts writes tables that grow prompt by prompt, which Parquet files cannot. Give --csv DIR in place of --parquet; any reader of data frames makes Parquet of the CSV.");
        }

        if (Model.Candidates != Candidates.None)
        {
            throw new UsageException("--candidates is for one prompt, whose error it measures, and --prompts gives many. Leave one of the two out.");
        }

        if (CsvFolder is null)
        {
            throw new UsageException("--prompts writes the lens of every prompt into files. Give --csv DIR.");
        }
    }
}
