using System.Collections.Concurrent;
using OnnxLens.Export;
using OnnxLens.Export.Genai;
using OnnxLens.Testing;

namespace OnnxLens.Genai.Tests;

/// <summary>Folders for onnxruntime-genai out of checkpoints of the tests, each made once per process and gone with it.</summary>
internal static class GenaiFolders
{
    private static readonly Lazy<TempFolder> Root = new(() =>
    {
        TempFolder folder = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    });

    private static readonly ConcurrentDictionary<(string Source, int Shards), Lazy<string>> Made = new();

    private static int _count;

    /// <summary>The folder of a checkpoint: a single file for one shard, a pipeline for more.</summary>
    public static string Of(string checkpoint, int shards) =>
        Made.GetOrAdd((checkpoint, shards), key => new(() =>
        {
            string target = Root.Value[$"folder-{Interlocked.Increment(ref _count)}"];
            GenaiExporter.Export(key.Source, target, new ExportOptions { Shards = key.Shards, Weights = WeightsMode.Copy });
            return target;
        })).Value;
}
