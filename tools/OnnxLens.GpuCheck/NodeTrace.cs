using System.Collections.Immutable;
using System.Text.Json;

namespace OnnxLens.GpuCheck;

/// <summary>A node that a session ran.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Provider">The execution provider that ran it.</param>
/// <param name="Microseconds">How long it took: to launch, unless the environment has CUDA_LAUNCH_BLOCKING=1, and then to run.</param>
internal sealed record NodeTrace(string Name, string Operator, string Provider, double Microseconds)
{
    /// <summary>Reads the traces that ONNX Runtime wrote.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="prefix">How the names of the files begin.</param>
    public static ImmutableArray<NodeTrace> Read(string folder, string prefix)
    {
        var nodes = ImmutableArray.CreateBuilder<NodeTrace>();
        foreach (string file in Directory.EnumerateFiles(folder, prefix + "*.json"))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonElement element in document.RootElement.EnumerateArray())
            {
                if (element.TryGetProperty("args", out JsonElement args) && args.TryGetProperty("op_name", out JsonElement op) && args.TryGetProperty("provider", out JsonElement provider))
                {
                    nodes.Add(new NodeTrace(element.GetProperty("name").GetString()!, op.GetString()!, provider.GetString()!, element.GetProperty("dur").GetDouble()));
                }
            }
        }

        return nodes.ToImmutable();
    }
}
