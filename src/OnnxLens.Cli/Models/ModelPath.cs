using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;

namespace OnnxLens.Cli.Models;

/// <summary>Tells what lies at a path that is given as a model.</summary>
internal static class ModelPath
{
    private const int Shown = 8;
    private const string Accepted =
        "Give a lens bundle, which 'onnxlens export' and 'onnxlens instrument' write; a checkpoint folder with config.json and .safetensors files, as it is downloaded; or an ONNX decoder as another program exported it: a folder with model.onnx, or the .onnx file itself.";

    /// <summary>What lies there. A folder with a graph and a checkpoint is what <see cref="BundleInstrumenter.IsOnnx"/> says.</summary>
    /// <exception cref="InputException">Nothing, or nothing that is a model, or it cannot be read; the message says what can be given.</exception>
    public static ModelKind KindOf(string path) =>
        Look(path) ?? throw new InputException($"{Read(path, () => Problem(path))} {Accepted}");

    /// <summary>What lies there; null where it is nothing that is a model.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static ModelKind? Look(string path) => Read<ModelKind?>(path, () =>
        LensBundle.Exists(path) ? ModelKind.Bundle
        : BundleInstrumenter.IsOnnx(path) ? ModelKind.Onnx
        : File.Exists(Path.Combine(path, "config.json")) ? ModelKind.Checkpoint
        : null);

    private static T Read<T>(string path, Func<T> look)
    {
        try
        {
            return look();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' cannot be read: {failure.Message}", failure);
        }
    }

    private static string Problem(string path)
    {
        if (File.Exists(path))
        {
            return $"'{path}' is a file, and no .onnx file.";
        }

        if (!Directory.Exists(path))
        {
            return $"There is no folder or file '{Path.GetFullPath(path)}'.";
        }

        string[] names = [.. Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
        return names.Length == 0
            ? $"The folder '{path}' is empty."
            : $"'{path}' holds no model; it holds: {string.Join(", ", names.Take(Shown))}{(names.Length > Shown ? $" and {names.Length - Shown} more" : "")}.";
    }
}
