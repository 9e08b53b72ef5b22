using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Planning;

/// <summary>The tables of docs/scale.md are those that the planner computes.</summary>
[TestClass]
public sealed class ScaleDocumentTests
{
    private const string End = "<!-- end -->\n";

    [TestMethod]
    public void Tables_OfTheDocument_AreComputed()
    {
        string path = Path.Combine(RepositoryRoot.Path, "docs", "scale.md");
        string expected = File.ReadAllText(path);
        string computed = ScaleTables.All.Aggregate(expected, (text, table) => Filled(text, table.Key, table.Value));
        if (computed != expected)
        {
            string received = Path.ChangeExtension(path, ".received.md");
            File.WriteAllText(received, computed);
            Assert.Fail($"'{path}' has other figures than are computed. With these it was written to '{received}': compare the two.");
        }
    }

    /// <summary>The text with what stands between a table's mark and the next end in place of what stood there.</summary>
    private static string Filled(string text, string name, string table)
    {
        string mark = $"<!-- table: {name} -->\n";
        string[] parts = text.Split(mark);
        Assert.HasCount(2, parts, $"'{mark.Trim()}' must stand in the document once.");
        int end = parts[1].IndexOf(End, StringComparison.Ordinal);
        Assert.IsGreaterThanOrEqualTo(0, end, $"There is no '{End.Trim()}' after '{mark.Trim()}'.");
        return parts[0] + mark + table + parts[1][end..];
    }
}
