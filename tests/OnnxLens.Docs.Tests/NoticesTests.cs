using System.Text.Json;
using OnnxLens.Testing;

namespace OnnxLens.Docs.Tests;

/// <summary>The notices name what the program and its pages contain, with the versions of the lock files.</summary>
[TestClass]
public sealed class NoticesTests
{
    [TestMethod]
    public void Notices_OfTheProgram_NameEveryPackage()
    {
        using JsonDocument locked = Read("src/OnnxLens.Cli/packages.lock.json");
        foreach (JsonProperty package in locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject())
        {
            // Native assets are parts of the package that they are named after.
            if (package.Value.GetProperty("type").GetString() != "Project" && !package.Name.Contains(".NativeAssets.", StringComparison.Ordinal))
            {
                AssertNamed(package.Name, package.Value.GetProperty("resolved").GetString());
            }
        }
    }

    [TestMethod]
    public void Notices_OfThePages_NameEveryModule()
    {
        const string folder = "node_modules/";
        using JsonDocument locked = Read("src/OnnxLens.Reports/web/package-lock.json");
        JsonProperty[] modules =
        [
            .. locked.RootElement.GetProperty("packages").EnumerateObject()
                .Where(module => module.Name.StartsWith(folder, StringComparison.Ordinal) && !module.Value.TryGetProperty("dev", out _) && !module.Value.TryGetProperty("devOptional", out _)),
        ];
        Assert.IsNotEmpty(modules);
        foreach (JsonProperty module in modules)
        {
            AssertNamed(module.Name[folder.Length..], module.Value.GetProperty("version").GetString());
        }
    }

    private static void AssertNamed(string name, string? version) =>
        Assert.MatchesRegex($@"(^|, |\n){name.Replace(".", "\\.", StringComparison.Ordinal)} {version}(,|\n| )", File.ReadAllText(Path.Combine(RepositoryRoot.Path, "THIRD-PARTY-NOTICES.txt")));

    private static JsonDocument Read(string path) => JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Path, path)));
}
