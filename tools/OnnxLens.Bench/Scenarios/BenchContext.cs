using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>What a benchmark runs on. Owns the folder of the bundles that it exports, and removes it.</summary>
internal sealed class BenchContext : IDisposable
{
    /// <summary>Top tokens read in each cell.</summary>
    public const int TopK = 5;

    private readonly Dictionary<int, LensBundle> _bundles = [];
    private readonly Action<string> _report;
    private int _quantised;

    /// <summary>Creates a folder beside the checkpoint, so that weights can be linked.</summary>
    public BenchContext(string checkpoint, int promptLength, int tokens, int repeats, Action<string> report, CancellationToken cancellation)
    {
        Checkpoint = Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkpoint));
        PromptLength = promptLength;
        Tokens = tokens;
        Repeats = repeats;
        Cancellation = cancellation;
        _report = report;
        Folder = $"{Checkpoint}.bench-{Environment.ProcessId}";
    }

    /// <summary>The checkpoint, absolute.</summary>
    public string Checkpoint { get; }

    /// <summary>Where bundles are written.</summary>
    public string Folder { get; }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptLength { get; }

    /// <summary>Tokens generated.</summary>
    public int Tokens { get; }

    /// <summary>Measured repeats.</summary>
    public int Repeats { get; }

    /// <summary>Stops between two steps.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The bundle in so many shards; exported when it is first asked for.</summary>
    public LensBundle Bundle(int shards = 1)
    {
        if (!_bundles.TryGetValue(shards, out LensBundle? bundle))
        {
            _report($"exporting {shards} shard(s)");
            string folder = Path.Combine(Folder, $"bundle-{shards}");
            BundleExporter.Export(
                Checkpoint, folder, new ExportOptions { Shards = shards, Weights = WeightsMode.Link, Precision = Precision.Fp32 }, null, Cancellation);
            _bundles[shards] = bundle = LensBundle.Open(folder);
        }

        return bundle;
    }

    /// <summary>A bundle with quantised weights in one shard, exported now.</summary>
    /// <param name="name">What it is called in reports.</param>
    /// <param name="form">How weights are quantised.</param>
    /// <param name="scope">Which.</param>
    public LensBundle Quantised(string name, Quantization form, QuantizationScope scope)
    {
        _report($"exporting {name}");
        string folder = Path.Combine(Folder, $"bundle-quantised-{++_quantised}");
        BundleExporter.Export(
            Checkpoint, folder, new ExportOptions { Weights = WeightsMode.Link, Quantization = form, QuantizationScope = scope }, null, Cancellation);
        return LensBundle.Open(folder);
    }

    /// <summary>Opens a bundle for some captures. The caller disposes it.</summary>
    public LensModel Open(ImmutableArray<HookPoint> capture, int shards = 1) => Open(new LensModelOptions { Capture = capture }, shards);

    /// <summary>Opens a bundle. The caller disposes it.</summary>
    public LensModel Open(LensModelOptions options, int shards = 1)
    {
        LensBundle bundle = Bundle(shards);
        _report($"opening {shards} shard(s) with {options.Capture.Length} hook points");
        return LensModel.Open(bundle, options);
    }

    /// <summary>Every layer's hook points of some sites.</summary>
    public ImmutableArray<HookPoint> Points(params IEnumerable<Site> sites) =>
        HookSpec.Points(sites, Enumerable.Range(0, Bundle().Manifest.Model.Layers));

    /// <summary>The prompt: ids spread over the vocabulary, always the same.</summary>
    public int[] Prompt()
    {
        int vocabulary = Bundle().Manifest.Model.VocabularySize;
        return [.. Enumerable.Range(1, PromptLength).Select(i => (int)(i * 7919L % vocabulary))];
    }

    /// <summary>Says what is being done.</summary>
    public void Report(string what) => _report(what);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
