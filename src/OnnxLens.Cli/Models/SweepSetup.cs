using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OnnxLens.Bundles;
using OnnxLens.Eval;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Steering;

namespace OnnxLens.Cli.Models;

/// <summary>A sweep resolved against a bundle: everything is read and checked that can be before the model is loaded.</summary>
internal sealed class SweepSetup
{
    private readonly SweepArguments _arguments;
    private readonly SweptVectors _files;

    /// <summary>Resolves.</summary>
    /// <exception cref="OnnxLensException">A file cannot be read, or something asked for is not there or does not fit.</exception>
    public SweepSetup(SweepArguments arguments, LensBundle bundle)
    {
        _arguments = arguments;
        Bundle = bundle;
        ModelFacts facts = bundle.Manifest.Model;
        var source = new DatasetSource(bundle, arguments.Rows);
        NamedFile.RequireDistinct([.. arguments.Datasets.Select(dataset => dataset.Name)], "dataset");
        NamedFile.RequireDistinct([.. arguments.Vectors.Select(vector => vector.Name), .. arguments.Extract is null ? [] : new[] { arguments.Extract.Dataset.Name }], "vector");
        Datasets = [.. arguments.Datasets.Select(dataset => source.ReadPairs(dataset.Rest, dataset.Name, arguments.Rows.Split))];
        foreach (PairSet set in Datasets.Where(set => set.Pairs.Length < 2))
        {
            throw new EvalException($"'{set.Name}' has a single sample, which says nothing of others. Give at least two, better dozens.");
        }

        Extraction = arguments.Extract is null ? null : new Extraction(arguments.Extract, source, facts);
        if (arguments.VectorFile is string file)
        {
            VectorFile.RequireWritable(file, Extraction!.Points);
        }

        Text = arguments.Text is null ? null : OrdinaryText.Read(arguments.Text, source.Tokenizer, arguments.TextTokens, facts.MaxLength);
        TokenizerHash = source.Tokenizer.Hash;
        ChatTemplateHash = source.ChatTemplateHash;
        _files = SweptVectors.Read(
            arguments.Vectors, arguments.Sites, arguments.Layers, facts, extracts: arguments.Extract is not null, content => VectorNotes.Of(content, bundle, arguments.OtherModel));
        Notes = [.. _files.Notes, .. Datasets.SelectMany(set => DatasetNotes.Of(set)), .. Extraction?.Notes ?? [], .. Overlaps()];
    }

    /// <summary>The bundle.</summary>
    public LensBundle Bundle { get; }

    /// <summary>The datasets to measure on.</summary>
    public ImmutableArray<PairSet> Datasets { get; }

    /// <summary>What is extracted first, or null.</summary>
    public Extraction? Extraction { get; }

    /// <summary>Ordinary text, or null.</summary>
    public OrdinaryText? Text { get; }

    /// <summary>SHA-256 of the tokenizer.</summary>
    public string TokenizerHash { get; }

    /// <summary>SHA-256 of the chat template that prompts went through, or null.</summary>
    public string? ChatTemplateHash { get; }

    /// <summary>What vectors are measured in.</summary>
    public SteeringUnit Unit => _files.Unit;

    /// <summary>What the user should know of files and datasets.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>Samples of all datasets.</summary>
    public int Samples => Datasets.Sum(set => set.Pairs.Length);

    /// <summary>Samples × vectors at their hook points × multipliers, without controls, where every vector that is to be extracted can be.</summary>
    public long Cells => (long)Samples * (_files.Vectors.Length + (Extraction?.Points.Length ?? 0)) * _arguments.Multipliers.Length;

    /// <summary>The points at which something is swept, as far as files say; extraction adds its own.</summary>
    public LensModelOptions ModelOptions()
    {
        var fromFiles = new SweepPlan { Vectors = _files.Vectors, Multipliers = _arguments.Multipliers, Unit = Unit };
        LensModelOptions options = fromFiles.ModelOptions(_arguments.Model with { Capture = Text is null ? [] : [HookPoint.Final(Bundle.Manifest.Model)] });
        return Extraction is null ? options : ActivationReader.ModelOptions(options, Extraction.Points);
    }

    /// <summary>The plan, once vectors were extracted.</summary>
    /// <param name="extracted">What was extracted; empty where nothing was.</param>
    public SweepPlan Plan(ImmutableArray<ExtractedVector> extracted)
    {
        ImmutableArray<SweepVector> tested = [.. _files.Vectors, .. extracted.Select(vector => new SweepVector(Extraction!.Name, vector.Point, vector.Values))];
        var plan = new SweepPlan
        {
            Vectors =
            [
                .. tested,
                .. tested.SelectMany(vector => ControlVectors.Random(vector, _arguments.Controls, _arguments.Seed)),
                .. extracted.Where(vector => !vector.Shuffled.IsDefault).Select(vector => new SweepVector(ControlVectors.NameOf(Extraction!.Name, ControlVectors.Shuffled), vector.Point, vector.Shuffled)),
                .. extracted.Where(vector => !vector.Letter.IsDefault).Select(vector => new SweepVector(ControlVectors.NameOf(Extraction!.Name, ControlVectors.Letter), vector.Point, vector.Letter)),
            ],
            Multipliers = _arguments.Multipliers,
            Unit = Unit,
        };
        plan.Validate();
        return plan;
    }

    /// <summary>What the cells of a sweep depend on, by name: two sweeps that agree in it may go on from one another.</summary>
    public ImmutableSortedDictionary<string, string> Identity(SweepPlan plan, ImmutableArray<string> devices) => new Dictionary<string, string>
    {
        ["tool"] = OnnxLens.Provenance.ThisTool,
        ["bundle"] = Bundle.Hash,
        ["devices"] = string.Join(',', devices),
        ["prompts"] = _arguments.Rows.Chat is ChatSource chat ? $"chat by template {ChatTemplateHash}, system message: {chat.System ?? "none"}" : "raw",
        ["split"] = _arguments.Rows.Split ?? PairSet.NoSplit,
        ["datasets"] = string.Join(',', Datasets.Select(set => $"{set.Name}={set.Hash}")),
        ["samples"] = Samples.ToString(CultureInfo.InvariantCulture),
        ["rows"] = RowsHash(Datasets),
        ["vectors"] = string.Join(',', SweptVectors.HashesOf(plan).Select(pair => $"{pair.Key}={pair.Value}")),
        ["multipliers"] = string.Join(',', plan.Multipliers.Select(multiplier => multiplier.ToString(CultureInfo.InvariantCulture))),
        ["unit"] = plan.Unit.ToString(),
        ["controls"] = _arguments.Controls.ToString(CultureInfo.InvariantCulture),
        ["seed"] = _arguments.Seed.ToString(CultureInfo.InvariantCulture),
    }.ToImmutableSortedDictionary();

    /// <summary>Where the result came from.</summary>
    public SweepProvenance Provenance(SweepPlan plan, ImmutableArray<string> devices, long additionsMade) => new()
    {
        Tool = OnnxLens.Provenance.ThisTool,
        BundleHash = Bundle.Hash,
        Precision = Bundle.Manifest.Precision,
        Quantization = Bundle.Manifest.Quantization,
        Devices = devices,
        TokenizerHash = TokenizerHash,
        Datasets = Datasets.ToImmutableSortedDictionary(set => set.Name, set => set.Hash),
        Skipped = Datasets.ToImmutableSortedDictionary(set => set.Name, set => set.Skipped.Length),
        Vectors = SweptVectors.HashesOf(plan),
        Origins = Origins(plan),
        Split = _arguments.Rows.Split ?? PairSet.NoSplit,
        PromptForm = Datasets[0].PromptForm,
        ChatTemplateHash = ChatTemplateHash,
        Multipliers = plan.Multipliers,
        Controls = _arguments.Controls,
        Seed = _arguments.Seed,
        Resamples = _arguments.Resamples,
        TextHash = Text?.Hash,
        AdditionsAsked = plan.AdditionsPerSample * Samples,
        AdditionsMade = additionsMade,
    };

    /// <summary>SHA-256 over all that a sample's cells hold or depend on, in order: a dataset's own hash tells neither order and names nor tokens.</summary>
    private static string RowsHash(ImmutableArray<PairSet> datasets)
    {
        var lines = new StringBuilder();
        foreach (PairSet set in datasets)
        {
            foreach (LabelledPair pair in set.Pairs)
            {
                lines.Append(CultureInfo.InvariantCulture, $"{set.Name}\t{pair.Sample}\t{pair.Split}\t{pair.Letter}\t{string.Join(' ', pair.Prompt)}\t{pair.PositiveToken}\t{pair.NegativeToken}\n");
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    private ImmutableSortedDictionary<string, VectorOrigin> Origins(SweepPlan plan) => _files.Origins.ToImmutableSortedDictionary().AddRange(
        from site in plan.Vectors.Where(vector => vector.Name == Extraction?.Name).Select(vector => vector.Point.Site).Distinct()
        select KeyValuePair.Create(SweptVectors.Key(Extraction!.Name, site), Extraction.OriginIn(Bundle)));

    /// <summary>A vector is measured on questions that it was made of.</summary>
    private IEnumerable<string> Overlaps() =>
        from set in Datasets
        let shared = Extraction?.Shared(set) ?? 0
        where shared > 0
        select $"{set.Name}: {shared} of its {set.Pairs.Length} samples ask questions that the vector was made of, so its slope says little of others";
}
