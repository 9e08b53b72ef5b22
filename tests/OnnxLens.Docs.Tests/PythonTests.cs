using OnnxLens.Docs.Tests.Pages;

namespace OnnxLens.Docs.Tests;

/// <summary>The Python of the pages runs where Python has pandas.</summary>
[TestClass]
public sealed class PythonTests
{
    /// <summary>The first on the path may be another than the system's, whose packages have pandas.</summary>
    private static readonly string[] Pythons = ["python3", "/usr/bin/python3"];

    [TestMethod]
    [TestCategory("Pages")]
    public void Blocks_OfPython_Run()
    {
        DocPage page = DocPage.Of("docs/how-to/tables.md");
        using var shell = new PageShell();
        if (Pythons.FirstOrDefault(name => shell.Run($"{name} -c 'import pandas'").Code == 0) is not string python)
        {
            Assert.Inconclusive("There is no Python with pandas.");
            return;
        }

        foreach (DocBlock block in page.Blocks.Where(block => block.Language is "sh" or "python"))
        {
            string lines = block.Language == "sh" ? block.Text : $"{python} - <<'END'\n{block.Text}END";
            (int code, string output, string error) = shell.Run(lines);
            Assert.AreEqual(0, code, $"{lines}\n{output}\n{error}");
        }
    }
}
