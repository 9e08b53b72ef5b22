using System.Text.RegularExpressions;
using OnnxLens.Docs.Tests.Pages;
using OnnxLens.Testing;

namespace OnnxLens.Docs.Tests;

/// <summary>Links within the repository lead somewhere.</summary>
[TestClass]
public sealed partial class LinksTests
{
    [TestMethod]
    public void Links_ToFilesAndHeadings_LeadThere()
    {
        List<string> broken = [];
        foreach (DocPage page in DocPage.All)
        {
            foreach (Match match in Link().Matches(page.Text))
            {
                string target = match.Groups[1].Value;
                if (!target.Contains("://", StringComparison.Ordinal) && !Leads(page, target))
                {
                    broken.Add($"{page.Name}: {target}");
                }
            }
        }

        Assert.IsEmpty(broken, string.Join('\n', broken));
    }

    [TestMethod]
    public void Pages_OfTheDocumentation_AreInItsIndex()
    {
        string index = DocPage.Of("docs/README.md").Text;
        foreach (DocPage page in DocPage.All.Where(page => page.Name.StartsWith("docs/", StringComparison.Ordinal) && page.Name != "docs/README.md" && !page.Name.Contains("/adr/", StringComparison.Ordinal)))
        {
            Assert.Contains($"]({page.Name["docs/".Length..]})", index);
        }
    }

    private static bool Leads(DocPage page, string target)
    {
        string[] parts = target.Split('#');
        string path = parts[0].Length == 0 ? page.Name : Path.GetRelativePath(".", Path.Combine(Path.GetDirectoryName(page.Name)!, parts[0])).Replace('\\', '/');
        string file = Path.Combine(RepositoryRoot.Path, path);
        return parts.Length == 1 ? Path.Exists(file) : File.Exists(file) && Anchors(File.ReadAllText(file)).Contains(parts[1]);
    }

    private static IEnumerable<string> Anchors(string text) =>
        text.Split('\n').Where(line => line.StartsWith('#')).Select(line => NoAnchor().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\(([^)\s]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.CultureInvariant)]
    private static partial Regex NoAnchor();
}
