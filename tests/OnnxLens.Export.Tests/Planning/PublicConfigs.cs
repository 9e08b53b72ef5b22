using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Planning;

/// <summary>The configs of public models that ship with the repository, without weights.</summary>
internal static class PublicConfigs
{
    /// <summary>Their names, as folders and as people write them.</summary>
    public static readonly (string Folder, string Title)[] All =
    [
        ("llama-3.1-8b", "Llama 3.1 8B"),
        ("llama-3.1-70b", "Llama 3.1 70B"),
        ("qwen3-4b", "Qwen3 4B"),
        ("qwen3-14b", "Qwen3 14B"),
        ("qwen3-32b", "Qwen3 32B"),
    ];

    /// <summary>The folder of one, absolute.</summary>
    public static string Folder(string name) => Path.Combine(RepositoryRoot.Path, "model-export", "configs", name);
}
