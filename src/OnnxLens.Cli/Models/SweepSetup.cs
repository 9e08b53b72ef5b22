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
    private readonly ImmutableArray<SweepVector> _fromFiles;
    private readonly ImmutableDictionary<string, VectorOrigin> _origins;

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

        Text = arguments.Text is null ? null : OrdinaryText.Read(arguments.Text, source.Tokenizer, arguments.TextTokens);
        TokenizerHash = source.Tokenizer.Hash;
        ChatTemplateHash = source.ChatTemplateHash;
        (_fromFiles, Unit, _origins, ImmutableArray<string> fileNotes) = FromFiles(arguments, bundle);
        Notes = [.. fileNotes, .. Datasets.SelectMany(set => DatasetNotes.Of(set)), .. Extraction?.Notes ?? [], .. Overlaps()];
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
    public SteeringUnit Unit { get; }

    /// <summary>What the user should know of files and datasets.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>Samples of all datasets.</summary>
    public int Samples => Datasets.Sum(set => set.Pairs.Length);

    /// <summary>The points at which something is swept, as far as files say; extraction adds its own.</summary>
    public LensModelOptions ModelOptions()
    {
        var fromFiles = new SweepPlan { Vectors = _fromFiles, Multipliers = _arguments.Multipliers, Unit = Unit };
        LensModelOptions options = fromFiles.ModelOptions(_arguments.Model with { Capture = Text is null ? [] : [HookPoint.Final(Bundle.Manifest.Model)] });
        return Extraction is null ? options : ActivationReader.ModelOptions(options, Extraction.Points);
    }

    /// <summary>The plan, once vectors were extracted.</summary>
    /// <param name="extracted">What was extracted; empty where nothing was.</param>
    public SweepPlan Plan(ImmutableArray<ExtractedVector> extracted)
    {
        ImmutableArray<SweepVector> tested = [.. _fromFiles, .. extracted.Select(vector => new SweepVector(Extraction!.Name, vector.Point, vector.Values))];
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
        ["prepack"] = _arguments.Model.Prepack ? "yes" : "no",
        ["prompts"] = _arguments.Rows.Chat is ChatSource chat ? $"chat by template {ChatTemplateHash}, system message: {chat.System ?? "none"}" : "raw",
        ["split"] = _arguments.Rows.Split ?? PairSet.NoSplit,
        ["datasets"] = string.Join(',', Datasets.Select(set => $"{set.Name}={set.Hash}")),
        ["samples"] = Samples.ToString(CultureInfo.InvariantCulture),
        ["rows"] = RowsHash(Datasets),
        ["vectors"] = string.Join(',', VectorHashes(plan).Select(pair => $"{pair.Key}={pair.Value}")),
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
        Vectors = VectorHashes(plan),
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

    /// <summary>By name and site, the hash of what is swept of each vector under test.</summary>
    private static ImmutableSortedDictionary<string, string> VectorHashes(SweepPlan plan) => plan.Vectors
        .Where(vector => !ControlVectors.IsControl(vector.Name))
        .GroupBy(vector => (vector.Name, vector.Point.Site))
        .ToImmutableSortedDictionary(
            group => Key(group.Key.Name, group.Key.Site),
            group => new SteeringVector(group.Key.Site, group.ToDictionary(vector => vector.Point.Layer, vector => vector.Values)).Hash);

    private ImmutableSortedDictionary<string, VectorOrigin> Origins(SweepPlan plan) => _origins.ToImmutableSortedDictionary().AddRange(
        from site in plan.Vectors.Where(vector => vector.Name == Extraction?.Name).Select(vector => vector.Point.Site).Distinct()
        select KeyValuePair.Create(Key(Extraction!.Name, site), Extraction.OriginIn(Bundle)));

    private static string Key(string name, Site site) => $"{name}@{site.Name()}";

    /// <summary>A vector is measured on questions that it was made of.</summary>
    private IEnumerable<string> Overlaps() =>
        from set in Datasets
        let shared = Extraction?.Shared(set) ?? 0
        where shared > 0
        select $"{set.Name}: {shared} of its {set.Pairs.Length} samples ask questions that the vector was made of, so its slope says little of others";

    private static (ImmutableArray<SweepVector> Vectors, SteeringUnit Unit, ImmutableDictionary<string, VectorOrigin> Origins, ImmutableArray<string> Notes) FromFiles(SweepArguments arguments, LensBundle bundle)
    {
        if (arguments.Vectors.Select(vector => vector.Selector.Strength.Unit).Distinct().Count() > 1)
        {
            throw new UsageException("Some vectors are measured in the activation's norm (*10%) and some are not. Sweep them one after the other.");
        }

        ModelFacts facts = bundle.Manifest.Model;
        var vectors = ImmutableArray.CreateBuilder<SweepVector>();
        var notes = ImmutableArray.CreateBuilder<string>();
        var origins = ImmutableDictionary.CreateBuilder<string, VectorOrigin>();
        ImmutableArray<int>? layers = arguments.Layers is null ? null : LayerSelection.Resolve(arguments.Layers, facts.Layers);
        foreach ((string name, VectorSelector selector) in arguments.Vectors)
        {
            VectorFileContent content = selector.Read();
            notes.AddRange(VectorNotes.Of(content, bundle, arguments.OtherModel));
            ImmutableArray<SteeringVector> selected = selector.Select(content);
            SweepVector[] chosen =
            [
                .. from vector in selected
                   where arguments.Sites is not { } sites || sites.Contains(vector.Site)
                   from layer in vector.Layers
                   where layers is not { } some || some.Contains(layer.Key)
                   select new SweepVector(name, new HookPoint(vector.Site, layer.Key), selector.Strength.Applied(layer.Value)),
            ];
            foreach (SteeringVector vector in selected)
            {
                vector.RequireFits(facts, selector.Path);
                if (vector.Origin is not null && chosen.Any(swept => swept.Point.Site == vector.Site))
                {
                    origins[Key(name, vector.Site)] = vector.Origin;
                }
            }

            vectors.AddRange(chosen.Length > 0
                ? chosen
                : throw new SelectionException($"'{selector.Text}' has no vector at the sites and layers to be swept. It has {string.Join(", ", content.Vectors.Select(vector => $"{vector.Site.Name()} at layers {string.Join(", ", vector.Layers.Keys)}"))}."));
        }

        SteeringUnit unit = arguments.Vectors.IsEmpty ? SteeringUnit.Raw : arguments.Vectors[0].Selector.Strength.Unit;
        new HookSpec { Steer = [.. vectors.Select(vector => new SteeringOperation(vector.Point, vector.Values))] }.Validate(facts);
        return unit == SteeringUnit.Raw || arguments.Extract is null
            ? (vectors.ToImmutable(), unit, origins.ToImmutable(), notes.ToImmutable())
            : throw new UsageException("Extracted vectors are added as they are, and --vector measures its own in the activation's norm (*10%). Sweep them one after the other.");
    }
}
