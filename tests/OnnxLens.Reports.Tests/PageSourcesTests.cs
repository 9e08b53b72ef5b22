using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using OnnxLens.Reports.Pages;
using OnnxLens.Testing;

namespace OnnxLens.Reports.Tests;

/// <summary>The built pages belong to the sources beside them, and admit their own script and style alone.</summary>
[TestClass]
public sealed partial class PageSourcesTests
{
    /// <summary>What a build reads; the same list is in <c>web/build/sources.mjs</c>.</summary>
    private static readonly string[] Inputs = ["build", "package-lock.json", "package.json", "page.html", "src", "tsconfig.json"];

    private static readonly string Web = Path.Combine(RepositoryRoot.Path, "src", "OnnxLens.Reports", "web");

    [TestMethod]
    [DataRow("lens")]
    [DataRow("sweep")]
    [DataRow("drift")]
    public void Program_Sources_AreThoseBesideIt(string kind)
    {
        string named = SourcesLine().Match(PageFile.Program(kind)).Groups[1].Value;
        Assert.AreEqual(SourceHash(), named, $"Pages/Built/{kind}.html was built from other sources. Run 'npm ci' and 'npm run build' in src/OnnxLens.Reports/web and commit what changes.");
    }

    [TestMethod]
    [DataRow("lens")]
    [DataRow("sweep")]
    [DataRow("drift")]
    public void Program_Policy_AdmitsItsOwnScriptAndStyleOnly(string kind)
    {
        string program = PageFile.Program(kind);
        string policy = PolicyLine().Match(program).Groups[1].Value;

        StringAssert.Contains(policy, "default-src 'none';");
        StringAssert.Contains(policy, $"script-src {Admitted(ScriptElement().Match(program).Groups[1].Value)};");
        StringAssert.Contains(policy, $"style-src {Admitted(StyleElement().Match(program).Groups[1].Value)};");
        Assert.DoesNotContain("unsafe", policy);
        Assert.HasCount(1, ScriptElement().Matches(program));
        Assert.HasCount(1, StyleElement().Matches(program));
    }

    private static string SourceHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in Inputs.SelectMany(Files).Order(StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{File.ReadAllText(Path.Combine(Web, name)).Replace("\r\n", "\n", StringComparison.Ordinal)}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<string> Files(string input)
    {
        string path = Path.Combine(Web, input);
        return File.Exists(path)
            ? [input]
            : Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Web, file).Replace('\\', '/'));
    }

    private static string Admitted(string element) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(element)))}'";

    [GeneratedRegex("<meta name=\"onnxlens-sources\" content=\"([0-9a-f]{64})\">")]
    private static partial Regex SourcesLine();

    [GeneratedRegex("<meta http-equiv=\"Content-Security-Policy\" content=\"([^\"]+)\">")]
    private static partial Regex PolicyLine();

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex ScriptElement();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex StyleElement();
}
