using OnnxLens.Testing;

namespace OnnxLens.Docs.Tests.Pages;

/// <summary>A page of documentation in Markdown.</summary>
/// <param name="Name">Its path from the repository's root, with forward slashes.</param>
/// <param name="Text">Its content.</param>
/// <param name="Blocks">Its fenced blocks, in order.</param>
internal sealed record DocPage(string Name, string Text, IReadOnlyList<DocBlock> Blocks)
{
    private const string Fence = "```";

    private static readonly string[] Single = ["README.md", "CONTRIBUTING.md", "eval/README.md", "eval/datasets/README.md", "eval/notebooks/README.md", "src/PACKAGE.md", "src/OnnxLens.Cli/PACKAGE.md"];

    /// <summary>Every page of the repository that users and developers read, in the order of their names.</summary>
    public static IReadOnlyList<DocPage> All { get; } = [.. Names().Select(Read)];

    /// <summary>One of them.</summary>
    public static DocPage Of(string name) => All.Single(page => page.Name == name);

    private static IEnumerable<string> Names() => Single
        .Concat(Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(RepositoryRoot.Path, path).Replace('\\', '/')))
        .Order(StringComparer.Ordinal);

    private static DocPage Read(string name)
    {
        string text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, name));
        return new DocPage(name, text, [.. BlocksOf(text.Split('\n'))]);
    }

    private static IEnumerable<DocBlock> BlocksOf(string[] lines)
    {
        string heading = "";
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith('#'))
            {
                heading = lines[i].TrimStart('#').Trim();
            }
            else if (lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                int end = Array.IndexOf(lines, Fence, i + 1);
                Assert.IsGreaterThan(i, end, $"line {i + 1}: the block is not closed");
                yield return new DocBlock(lines[i][Fence.Length..].Trim(), string.Concat(lines[(i + 1)..end].Select(line => line + "\n")), i + 1, heading);
                i = end;
            }
        }
    }
}
