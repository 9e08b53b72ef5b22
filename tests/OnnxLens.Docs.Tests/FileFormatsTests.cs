using System.Text.Json;
using OnnxLens.Docs.Tests.Pages;
using OnnxLens.Safetensors;

namespace OnnxLens.Docs.Tests;

/// <summary>The tables of docs/file-formats.md are the columns, keys, tensors and metadata of files that the program wrote.</summary>
[TestClass]
public sealed class FileFormatsTests
{
    private static readonly IReadOnlyList<DocTable> Tables = DocTable.In(DocPage.Of("docs/file-formats.md"));

    [TestMethod]
    [DataRow("cells.csv", "lens/cells.csv")]
    [DataRow("topk.csv", "lens/topk.csv")]
    [DataRow("targets.csv", "lens/targets.csv")]
    [DataRow("extraction.csv", "sweep/extraction.csv")]
    [DataRow("samples.csv", "sweep/samples.csv")]
    [DataRow("slopes.csv", "sweep/slopes.csv")]
    [DataRow("summary.csv", "sweep/summary.csv")]
    [DataRow("curves.csv", "sweep/curves.csv")]
    [DataRow("cost.csv", "sweep/cost.csv")]
    [DataRow("drift.csv", "drift/drift.csv")]
    [DataRow("drift_positions.csv", "drift/drift_positions.csv")]
    [DataRow("drift_slopes.csv", "drift/drift_slopes.csv")]
    [DataRow("drift_samples.csv", "drift/drift_samples.csv")]
    public void Columns_OfATable_AreThoseOfTheFile(string heading, string file) =>
        Assert.AreSequenceEqual(Columns(file), Table(heading, "column").Names);

    [TestMethod]
    [DataRow("cells.csv")]
    [DataRow("topk.csv")]
    [DataRow("targets.csv")]
    public void Columns_OfManyPrompts_HaveThePromptBeforeTheOthers(string file) =>
        Assert.AreSequenceEqual([.. Table(file, "column").Names.Prepend("prompt")], Columns("many/" + file));

    [TestMethod]
    public void Folders_OfRuns_HoldNoTableThatIsNotListed()
    {
        foreach (string folder in new[] { "lens", "many", "sweep", "drift" })
        {
            foreach (string name in Directory.EnumerateFiles(DemoRun.Of(folder)).Select(path => Path.GetFileName(path)))
            {
                Assert.IsTrue(Tables.Any(table => table.Heading.StartsWith(name, StringComparison.Ordinal)), $"{folder}/{name} has no table");
            }
        }
    }

    [TestMethod]
    [DataRow("lens.json", "lens/lens.json")]
    [DataRow("provenance.json of a lens", "lens/provenance.json")]
    [DataRow("provenance.json of lens --prompts", "many/provenance.json")]
    [DataRow("summary.json", "sweep/summary.json")]
    [DataRow("provenance.json of a sweep", "sweep/provenance.json")]
    [DataRow("drift.json", "drift/drift.json")]
    [DataRow("baseline.json", "baseline.json")]
    [DataRow("splits.json", "splits.json")]
    [DataRow("onnxlens.json", "bundle/onnxlens.json", "bundle-int4/onnxlens.json")]
    public void Keys_OfATable_AreThoseOfTheFile(string heading, params string[] files) =>
        AssertKeys(heading, [.. files.Select(file => File.ReadAllText(DemoRun.Of(file)))]);

    [TestMethod]
    public void Keys_OfGeneratedText_AreThoseThatArePrinted()
    {
        _ = DemoRun.Of("");
        AssertKeys("generate.json", DemoRun.Generated);
    }

    [TestMethod]
    public void Keys_OfTheReportOfAnExtraction_AreTheColumns()
    {
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(DemoRun.Of("report.json")));
        Assert.AreSequenceEqual(Table("extraction.csv", "column").Names, [.. report.RootElement[0].EnumerateObject().Select(member => member.Name)]);
    }

    [TestMethod]
    [DataRow("activations.safetensors", "lens/activations.safetensors")]
    [DataRow("vector.safetensors", "bold.safetensors")]
    public void Tensors_AndMetadata_AreThoseOfTheFile(string heading, string file)
    {
        SafetensorsHeader header = SafetensorsHeader.Read(DemoRun.Of(file));
        string[] kinds = [.. header.Tensors.Keys.Select(name => name.Contains('.', StringComparison.Ordinal) ? "{site}.{layer}" : name).Distinct().Order(StringComparer.Ordinal)];
        Assert.AreSequenceEqual([.. Table(heading, "tensor").Names.Order(StringComparer.Ordinal)], kinds);
        Assert.AreSequenceEqual([.. Table(heading, "metadata").Names.Order(StringComparer.Ordinal)], [.. header.Metadata.Keys.Order(StringComparer.Ordinal)]);
    }

    private static DocTable Table(string heading, string kind) => Tables.Single(table => table.Heading == heading && table.Kind == kind);

    private static string[] Columns(string file) => File.ReadLines(DemoRun.Of(file)).First().Split(',');

    /// <summary>Every key of the files is listed, or lies within one that is listed as a map; every listed one is there, unless it is optional.</summary>
    private static void AssertKeys(string heading, params string[] files)
    {
        (string[] Names, string Second)[] rows = [.. Table(heading, "key").Rows];
        HashSet<string> found = [];
        foreach (string file in files)
        {
            using JsonDocument document = JsonDocument.Parse(file);
            Collect(document.RootElement, "", found);
        }

        string[] whole = [.. rows.Where(row => row.Second.Length == 0 || row.Second.Contains("map", StringComparison.Ordinal) || row.Second == "object" || row.Second.StartsWith("array", StringComparison.Ordinal)).SelectMany(row => row.Names)];
        string[] listed = [.. rows.SelectMany(row => row.Names)];
        foreach (string path in found)
        {
            Assert.IsTrue(listed.Contains(path) || whole.Any(name => path.StartsWith(name, StringComparison.Ordinal)) || listed.Any(name => name.StartsWith(path + ".", StringComparison.Ordinal) || name.StartsWith(path + "[]", StringComparison.Ordinal)), $"{heading}: '{path}' is not listed");
        }

        foreach (string name in rows.Where(row => !row.Second.Contains("optional", StringComparison.Ordinal)).SelectMany(row => row.Names))
        {
            Assert.IsTrue(found.Contains(name), $"{heading}: no file has '{name}'");
        }
    }

    private static void Collect(JsonElement element, string path, HashSet<string> found)
    {
        if (path.Length > 0)
        {
            found.Add(path);
        }

        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in element.EnumerateObject())
            {
                Collect(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", found);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            found.Add(path + "[]");
            foreach (JsonElement item in element.EnumerateArray())
            {
                Collect(item, path + "[]", found);
            }
        }
    }
}
