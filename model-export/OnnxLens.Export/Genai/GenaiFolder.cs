using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Genai;

/// <summary>Checks a folder in the layout of onnxruntime-genai without running it: that its configuration names exactly what its graphs take and give.</summary>
/// <remarks>
/// Of a configuration with a graph per stage, each stage must have the inputs and outputs of its graph, and read nothing that neither
/// the runtime nor an earlier stage gives. The caches of all layers must be there once. Graphs must keep the rules of the ONNX format, and their
/// external data must lie in files of the folder. Sizes of heads and vocabulary are compared where the graph says them as numbers.
/// </remarks>
internal static class GenaiFolder
{
    /// <summary>Lists everything that does not fit.</summary>
    /// <param name="folder">The folder with <c>genai_config.json</c>.</param>
    /// <returns>One sentence each; none when all fits.</returns>
    /// <exception cref="BundleException">The configuration is missing or cannot be read, or names no graph.</exception>
    /// <exception cref="OnnxFormatException">A graph is missing, or no ONNX model.</exception>
    public static IReadOnlyList<string> Check(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        GenaiConfig config = GenaiConfig.Read(folder);
        var findings = new List<string>();
        GenaiConfig.DecoderPart decoder = config.Model.Decoder;
        if (decoder.Pipeline is { } pipeline)
        {
            var stages = new StageCheck(config, findings);
            foreach (GenaiConfig.StagePart stage in pipeline.SelectMany(entry => entry.Values)) stages.Add(stage, Read(folder, stage.Filename, findings));
            stages.End();
        }
        else if (decoder.Filename is { } file)
        {
            CheckSingle(config, Read(folder, file, findings), findings);
        }
        else
        {
            throw new BundleException($"'{Path.Combine(folder, GenaiConfig.FileName)}' names neither 'decoder.filename' nor 'decoder.pipeline'. Export the folder again.");
        }

        return findings;
    }

    private static GenaiGraph Read(string folder, string file, List<string> findings)
    {
        ModelProto model = OnnxModelFile.Read(Path.Combine(folder, file));
        long? LengthOf(string location)
        {
            var data = new FileInfo(Path.Combine(folder, location));
            return data.Exists ? data.Length : null;
        }

        findings.AddRange(GraphValidator.Validate(model, LengthOf).Select(finding => $"{file}: {finding}"));
        return new GenaiGraph(file, model);
    }

    private static void CheckSingle(GenaiConfig config, GenaiGraph graph, List<string> findings)
    {
        var names = new GenaiNames(config);
        Compare($"{graph.File}: input", names.Inputs, graph.Inputs, findings);
        Compare($"{graph.File}: output", names.Outputs, graph.Outputs, findings);
        names.CheckShapes(graph, findings);
    }

    internal static void Compare(string what, IEnumerable<string> named, IEnumerable<string> there, List<string> findings)
    {
        ImmutableArray<string> graph = [.. there];
        ImmutableArray<string> config = [.. named];
        findings.AddRange(config.Except(graph).Select(name => $"{what} '{name}' is named by the configuration, but the graph has none such."));
        findings.AddRange(graph.Except(config).Select(name => $"{what} '{name}' is the graph's, but the configuration does not name it."));
    }
}
