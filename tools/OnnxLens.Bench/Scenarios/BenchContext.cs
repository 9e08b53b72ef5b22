using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Ways;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Genai;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>What a benchmark runs on. Owns the folder of the bundles that it exports, and removes it, unless it was given one.</summary>
internal sealed class BenchContext : IDisposable
{
    /// <summary>Repeats of the shortest, for each one that is asked for.</summary>
    public const int MostOfARepeat = 4;

    private readonly Dictionary<string, LensBundle> _bundles = [];
    private readonly Action<string> _report;
    private readonly Dictionary<WeightForm, SharedModel> _shared;
    private string? _bf16Checkpoint;

    /// <summary>Nothing is read or written before it is asked for.</summary>
    public BenchContext(BenchOptions options, Action<string> report, CancellationToken cancellation)
    {
        options.Validate();
        Options = options;
        Checkpoint = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Checkpoint));
        Cancellation = cancellation;
        _report = report;
        _shared = Enum.GetValues<WeightForm>().ToDictionary(
            form => form, form => new SharedModel(() => Open(Bundle(form), new LensModelOptions { Capture = Points(Site.ResidPost) })));
        Folder = options.Folder ?? $"{Checkpoint}.bench-{Environment.ProcessId}";
    }

    /// <summary>What is measured.</summary>
    public BenchOptions Options { get; }

    /// <summary>The checkpoint, absolute.</summary>
    public string Checkpoint { get; }

    /// <summary>Where bundles are written.</summary>
    public string Folder { get; }

    /// <summary>Tokens generated where one number is enough.</summary>
    public int Tokens => Options.Tokens;

    /// <summary>Measured repeats.</summary>
    public int Repeats => Options.Repeats;

    /// <summary>Measured repeats of what is short: the shorter, the more it varies.</summary>
    public int ShortRepeats => MostOfARepeat * Options.Repeats;

    /// <summary>Stops between two steps.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The bundle in so many shards; exported when it is first asked for.</summary>
    public LensBundle Bundle(int shards = 1) => Exported(
        $"bundle-{shards}", $"{shards} shard(s)", new ExportOptions { Shards = shards, Weights = WeightsMode.Link, Precision = Precision.Fp32 });

    /// <summary>The bundle in one shard with weights in that form.</summary>
    public LensBundle Bundle(WeightForm form) => form == WeightForm.Bf16
        ? Exported("bundle-bf16", form.Title(), new ExportOptions { Weights = WeightsMode.Link, Precision = Precision.Fp32 }, Bf16Checkpoint())
        : Bundle();

    /// <summary>The checkpoint where its weights are bf16, else a copy in which they are rounded to it, written when it is first asked for.</summary>
    public string Bf16Checkpoint() => _bf16Checkpoint ??= FindOrRound();

    /// <summary>A bundle with quantised weights in one shard; exported when it is first asked for.</summary>
    /// <param name="name">What it is called in reports, another for each form.</param>
    /// <param name="form">How weights are quantised.</param>
    /// <param name="scope">Which.</param>
    public LensBundle Quantised(string name, Quantization form, QuantizationScope scope) => Exported(
        "bundle-" + name.Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '-'),
        name,
        new ExportOptions { Weights = WeightsMode.Link, Quantization = form, QuantizationScope = scope });

    /// <summary>A folder with one plain graph of the whole model, as onnxruntime-genai takes it; exported when it is first asked for.</summary>
    public string PlainFolder()
    {
        string folder = Path.Combine(Folder, "plain");
        if (!Directory.Exists(folder))
        {
            _report("exporting one plain graph");
            GenaiExporter.Export(
                Checkpoint, folder, new ExportOptions { Shards = 1, Weights = WeightsMode.Link, Precision = Precision.Fp32 }, null, Cancellation);
        }

        return folder;
    }

    /// <summary>Opens a bundle for some captures. The caller disposes it.</summary>
    public LensModel Open(ImmutableArray<HookPoint> capture, int shards = 1) => Open(new LensModelOptions { Capture = capture }, shards);

    /// <summary>Opens a bundle. The caller disposes it.</summary>
    public LensModel Open(LensModelOptions options, int shards = 1) => Open(Bundle(shards), options);

    /// <summary>Opens a bundle, for prompts in the chunks that are measured. The caller disposes it.</summary>
    public LensModel Open(LensBundle bundle, LensModelOptions options)
    {
        _report($"opening {Path.GetFileName(bundle.Folder)} with {options.Capture.Length} hook points");
        return LensModel.Open(bundle, options with { ChunkLength = Options.ChunkLength });
    }

    /// <summary>The model in one shard with weights in that form, which can capture <c>resid_post</c> of every layer: one for all that run it. The caller disposes the lease.</summary>
    /// <remarks>Two copies of the same weights lie in different pages of memory, and steps over them need not take the same time: what is compared runs over one, but for what other captures, shards or precisions need.</remarks>
    public ModelLease Shared(WeightForm form) => _shared[form].Take();

    /// <summary>Every layer's hook points of some sites.</summary>
    public ImmutableArray<HookPoint> Points(params IEnumerable<Site> sites) =>
        HookSpec.Points(sites, Enumerable.Range(0, Bundle().Manifest.Model.Layers));

    /// <summary>The prompt: the ids given, or made-up ones.</summary>
    public int[] Prompt() => Prompt(Options.PromptIds.IsDefault ? Options.PromptLength : Options.PromptIds.Length);

    /// <summary>A prompt of another length: its own ids over and over.</summary>
    public int[] Prompt(int length)
    {
        ImmutableArray<int> ids = Options.PromptIds;
        return ids.IsDefault
            ? TokenIds.Spread(length, Bundle().Manifest.Model.VocabularySize)
            : [.. Enumerable.Range(0, length).Select(i => ids[i % ids.Length])];
    }

    /// <summary>Says what is being done.</summary>
    public void Report(string what) => _report(what);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Options.Folder is null && Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private string FindOrRound()
    {
        Checkpoint checkpoint = CheckpointReader.Read(Checkpoint);
        if (checkpoint.WeightType == ElementType.BFloat16)
        {
            return Checkpoint;
        }

        string folder = Path.Combine(Folder, "checkpoint-bf16");
        if (!Bf16Copy.Exists(folder))
        {
            _report("rounding weights to bf16");
            Bf16Copy.Write(checkpoint, folder, Cancellation);
        }

        return folder;
    }

    private LensBundle Exported(string file, string name, ExportOptions options, string? checkpoint = null)
    {
        if (!_bundles.TryGetValue(file, out LensBundle? bundle))
        {
            string folder = Path.Combine(Folder, file);
            if (!LensBundle.Exists(folder))
            {
                _report($"exporting {name}");
                BundleExporter.Export(checkpoint ?? Checkpoint, folder, options, null, Cancellation);
            }

            _bundles[file] = bundle = LensBundle.Open(folder);
            RequireFits(bundle.Manifest.Model);
        }

        return bundle;
    }

    private void RequireFits(ModelFacts facts)
    {
        int longest = Options.Lengths.Max();
        int prompt = Options.PromptIds.IsDefault ? Options.PromptLength : Options.PromptIds.Length;
        if (prompt + longest > facts.MaxLength)
        {
            throw new SelectionException(
                $"A prompt of {prompt} tokens and {longest} generated ones do not fit the model's longest sequence, {facts.MaxLength}. Give smaller '--lengths'.");
        }

        foreach (int id in (Options.PromptIds.IsDefault ? [] : Options.PromptIds).Where(id => (uint)id >= (uint)facts.VocabularySize))
        {
            throw new SelectionException($"The prompt's id {id} is out of range: the model's vocabulary has ids 0 to {facts.VocabularySize - 1}.");
        }
    }
}
