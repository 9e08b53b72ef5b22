using OnnxLens.Docs.Tests.Pages;

namespace OnnxLens.Docs.Tests;

/// <summary>The Python of the pages runs where Python has pandas.</summary>
[TestClass]
public sealed class PythonTests
{
    [TestMethod]
    [TestCategory("Pages")]
    public void Blocks_OfPython_Run()
    {
        DocPage page = DocPage.Of("docs/how-to/tables.md");
        using var shell = new PageShell();
        if (shell.Run("python3 -c 'import pandas'").Code != 0)
        {
            Assert.Inconclusive("There is no Python with pandas.");
        }

        foreach (DocBlock block in page.Blocks.Where(block => block.Language is "sh" or "python"))
        {
            string lines = block.Language == "sh" ? block.Text : $"python3 - <<'END'\n{block.Text}END";
            (int code, string output, string error) = shell.Run(lines);
            Assert.AreEqual(0, code, $"{lines}\n{output}\n{error}");
        }
    }
}
