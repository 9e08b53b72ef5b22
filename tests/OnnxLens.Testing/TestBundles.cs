using System.Collections.Concurrent;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Families;
using OnnxLens.Runtime;

namespace OnnxLens.Testing;

/// <summary>Bundles exported from checkpoints of the tests, each made once per process and gone with it.</summary>
public static class TestBundles
{
    private static readonly Lazy<TempFolder> Root = new(() =>
    {
        TempFolder folder = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    });

    private static readonly ConcurrentDictionary<(string Checkpoint, int Shards, Precision Precision), Lazy<string>> Made = new();

    private static int _count;

    /// <summary>The folder of a bundle of a checkpoint in so many shards, on the CPU; in fp32, unless another arithmetic is named.</summary>
    public static string Of(string checkpointFolder, int shards = 1, Precision precision = Precision.Auto) =>
        Made.GetOrAdd((checkpointFolder, shards, precision), key => new(() =>
        {
            string target = Root.Value[$"bundle-{Interlocked.Increment(ref _count)}"];
            BundleExporter.Export(key.Checkpoint, target, new ExportOptions { Shards = key.Shards, Precision = key.Precision, Weights = WeightsMode.Reference });
            return target;
        })).Value;

    /// <summary>Opens such a bundle with every site of every layer ready for capture. The caller disposes it.</summary>
    public static LensModel Open(string checkpointFolder, int shards = 1, Func<LensModelOptions, LensModelOptions>? change = null) =>
        OpenBundle(Of(checkpointFolder, shards), change);

    /// <summary>Opens a bundle with every site of every layer ready for capture. The caller disposes it.</summary>
    public static LensModel OpenBundle(string folder, Func<LensModelOptions, LensModelOptions>? change = null)
    {
        LensBundle bundle = LensBundle.Open(folder);
        var options = new LensModelOptions { Capture = HookSpec.Points(Sites.All, Enumerable.Range(0, bundle.Manifest.Model.Layers)) };
        return LensModel.Open(bundle, change is null ? options : change(options));
    }

    /// <summary>Every site of every layer.</summary>
    public static HookSpec CaptureAll(LensModel model) =>
        new() { Capture = HookSpec.Points(Sites.All, Enumerable.Range(0, model.Facts.Layers)) };

    /// <summary>The captured rows of a hook point, one array per position.</summary>
    public static float[][] Rows(LensModel model, ModelRun run, HookPoint point, int sequence = 0)
    {
        float[][] rows = [.. Enumerable.Range(0, run.Captures.Length(sequence)).Select(_ => new float[model.Facts.HiddenSize])];
        for (int position = 0; position < rows.Length; position++)
        {
            run.Captures.Read(point, sequence, position, rows[position]);
        }

        return rows;
    }
}
