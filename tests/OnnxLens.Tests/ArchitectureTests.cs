using System.Text.RegularExpressions;
using System.Xml.Linq;
using OnnxLens.Testing;

namespace OnnxLens.Tests;

/// <summary>The rules of the solution that the compiler does not hold: who references whom, and what stands in which file.</summary>
[TestClass]
public sealed partial class ArchitectureTests
{
    private static readonly string[] Libraries = ["OnnxLens.Onnx", "OnnxLens", "OnnxLens.Eval", "OnnxLens.Reports", "OnnxLens.Export"];

    /// <summary>
    /// The one project that may carry onnxruntime-genai: it tests that the library runs what the exporter writes. The package brings ONNX Runtime's
    /// CPU package with it, so the project must leave it out where another device is chosen.
    /// </summary>
    private static readonly (string Project, string Package) GenaiUse = ("OnnxLens.Genai.Tests", "Microsoft.ML.OnnxRuntimeGenAI");

    /// <summary>The projects that each product project may reference, and no others.</summary>
    private static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["OnnxLens.Onnx"] = [],
        ["OnnxLens"] = ["OnnxLens.Onnx"],
        ["OnnxLens.Eval"] = ["OnnxLens.Onnx", "OnnxLens"],
        ["OnnxLens.Reports"] = ["OnnxLens.Onnx", "OnnxLens", "OnnxLens.Eval"],
        ["OnnxLens.Export"] = ["OnnxLens.Onnx", "OnnxLens"],
        ["OnnxLens.Cli"] = ["OnnxLens.Onnx", "OnnxLens", "OnnxLens.Eval", "OnnxLens.Reports", "OnnxLens.Export"],
    };

    [TestMethod]
    public void ProductProjects_References_GoOnlyDownwards()
    {
        List<string> wrong = [];
        foreach (Project project in Projects("src", "model-export", "eval"))
        {
            if (!AllowedReferences.TryGetValue(project.Name, out string[]? allowed))
            {
                wrong.Add($"{project.Name} has no rule; add it to {nameof(AllowedReferences)}.");
                continue;
            }

            wrong.AddRange(project.ProjectReferences.Except(allowed).Select(reference => $"{project.Name} must not reference {reference}."));
        }

        AssertNone(wrong);
    }

    [TestMethod]
    public void Projects_AllRules_NameAProjectThatIsThere()
    {
        string[] names = [.. Projects("src", "model-export", "eval").Select(project => project.Name).Order()];
        Assert.AreSequenceEqual(AllowedReferences.Keys.Order().ToArray(), names);
    }

    [TestMethod]
    public void Libraries_Packages_HoldNoNativeRuntime()
    {
        AssertNone(
            from project in Projects("src", "model-export", "eval", "tests", "tools")
            from package in project.PackageReferences
            where package.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal) && package != "Microsoft.ML.OnnxRuntime.Managed"
                && (project.Name, package) != GenaiUse
            select $"{project.Name} references {package} itself; the property OnnxLensDevice chooses the native package.");
    }

    [TestMethod]
    public void Genai_Package_IsThereForTheCpuOnly()
    {
        XDocument project = XDocument.Load(Path.Combine(RepositoryRoot.Path, "tests", GenaiUse.Project, GenaiUse.Project + ".csproj"));
        XElement package = project.Descendants("PackageReference").Single(reference => Include(reference) == GenaiUse.Package);
        Assert.AreEqual("'$(OnnxLensDevice)' == 'cpu'", package.Parent!.Attribute("Condition")?.Value);
    }

    [TestMethod]
    public void Libraries_NativeRuntimeRule_LeavesThemOut()
    {
        XDocument targets = XDocument.Load(Path.Combine(RepositoryRoot.Path, "Directory.Build.targets"));
        XDocument props = XDocument.Load(Path.Combine(RepositoryRoot.Path, "Directory.Build.props"));
        XElement[] native = [.. targets.Descendants("PackageReference").Where(reference => Include(reference).StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal))];
        string carriers = props.Descendants("CarriesNativeRuntime").Single().Attribute("Condition")!.Value;

        Assert.IsNotEmpty(native);
        Assert.IsTrue(native.All(reference => reference.Parent!.Attribute("Condition")!.Value.Contains("'$(CarriesNativeRuntime)' == 'true'", StringComparison.Ordinal)));
        string[] endings = [.. NameEnding().Matches(carriers).Select(match => match.Groups[1].Value)];
        Assert.IsNotEmpty(endings);
        AssertNone(
            from library in Libraries
            from ending in endings
            where library.EndsWith(ending, StringComparison.Ordinal)
            select $"{library} would carry the native runtime, for its name ends with {ending}.");
    }

    [TestMethod]
    public void OnnxRuntime_Usings_AreInTheRuntimeRoomOnly()
    {
        string room = Path.Combine("src", "OnnxLens", "Runtime") + Path.DirectorySeparatorChar;
        AssertNone(
            from file in SourceFiles("src", "model-export", "eval")
            where !file.Path.StartsWith(room, StringComparison.Ordinal) && file.Code.Contains("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal)
            select $"{file.Path} names Microsoft.ML.OnnxRuntime; only {room} knows it.");
    }

    [TestMethod]
    public void Console_OutsideTheCli_IsNotUsed()
    {
        string cli = Path.Combine("src", "OnnxLens.Cli") + Path.DirectorySeparatorChar;
        string cliTests = Path.Combine("tests", "OnnxLens.Cli.Tests") + Path.DirectorySeparatorChar;
        AssertNone(
            from file in SourceFiles("src", "model-export", "eval", "tests")
            where !file.Path.StartsWith(cli, StringComparison.Ordinal) && !file.Path.StartsWith(cliTests, StringComparison.Ordinal) && ConsoleUse().IsMatch(file.Code)
            select $"{file.Path} writes to the console.");
    }

    [TestMethod]
    public void PublicTypes_EachFile_HoldsOneOfItsOwnName()
    {
        AssertNone(
            from file in SourceFiles("src", "model-export", "eval")
            from Match type in TopLevelPublicType().Matches(file.Code)
            let name = type.Groups["name"].Value
            let stem = Path.GetFileNameWithoutExtension(file.Path)
            where stem != name && !stem.StartsWith(name + ".", StringComparison.Ordinal)
            select $"{file.Path} holds the public type {name}, which belongs into {name}.cs.");
    }

    [TestMethod]
    public void Namespaces_EachFile_FollowsItsFolder()
    {
        AssertNone(
            from file in SourceFiles("src", "model-export", "eval")
            let found = Namespace().Match(file.Code)
            where found.Success
            let expected = ExpectedNamespace(file.Path)
            where found.Groups[1].Value != expected && !IsSharedError(file.Path, found.Groups[1].Value)
            select $"{file.Path} is in namespace {found.Groups[1].Value}; its folder says {expected}.");
    }

    [TestMethod]
    public void Comments_Todos_NameAnIssue()
    {
        AssertNone(
            from file in SourceFiles("src", "model-export", "eval", "tests", "tools")
            from Match todo in UnfinishedNote().Matches(file.Text)
            where !IssueNumber().IsMatch(todo.Value)
            select $"{file.Path}: '{todo.Value.Trim()}' names no issue (#123).");
    }

    [TestMethod]
    public void Methods_NotImplemented_AreNone()
    {
        AssertNone(
            from file in SourceFiles("src", "model-export", "eval", "tests", "tools")
            where file.Code.Contains("new NotImplemented" + "Exception", StringComparison.Ordinal)
            select $"{file.Path} throws {nameof(NotImplementedException)}.");
    }

    [TestMethod]
    public void Solution_EveryProject_IsInIt()
    {
        string solution = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "OnnxLens.sln"));
        AssertNone(
            from project in Projects("src", "model-export", "eval", "tests", "tools")
            where !solution.Contains($"\"{project.Name}\"", StringComparison.Ordinal)
            select $"{project.Name} is not in OnnxLens.sln, so nobody builds it.");
    }

    private static void AssertNone(IEnumerable<string> violations)
    {
        string[] all = [.. violations];
        Assert.IsEmpty(all, string.Join('\n', all));
    }

    private static string ExpectedNamespace(string path)
    {
        string[] parts = path.Split(Path.DirectorySeparatorChar);
        if (parts[1] == "OnnxLens.Onnx")
        {
            // One room: its folders only sort the files.
            return parts[1];
        }

        return string.Join('.', parts[1..^1]);
    }

    /// <summary>The root of the error tree is thrown by OnnxLens.Onnx but belongs to all: it stands in the root namespace.</summary>
    private static bool IsSharedError(string path, string space) =>
        space == "OnnxLens" && Path.GetFileName(path).EndsWith("Exception.cs", StringComparison.Ordinal);

    private static IEnumerable<Project> Projects(params string[] folders) =>
        from folder in folders
        let path = Path.Combine(RepositoryRoot.Path, folder)
        where Directory.Exists(path)
        from file in Directory.EnumerateFiles(path, "*.csproj", SearchOption.AllDirectories)
        select Project.Read(file);

    private static IEnumerable<SourceFile> SourceFiles(params string[] folders) =>
        from folder in folders
        let path = Path.Combine(RepositoryRoot.Path, folder)
        where Directory.Exists(path)
        from file in Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(RepositoryRoot.Path, file)
        where !relative.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")
        select new SourceFile(relative, File.ReadAllText(file));

    private static string Include(XElement reference) => reference.Attribute("Include")?.Value ?? "";

    private sealed record Project(string Name, string[] ProjectReferences, string[] PackageReferences)
    {
        public static Project Read(string file)
        {
            XDocument project = XDocument.Load(file);
            return new Project(
                Path.GetFileNameWithoutExtension(file),
                [.. project.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(Include(reference)))],
                [.. project.Descendants("PackageReference").Select(Include)]);
        }
    }

    /// <summary>A source file: its path from the root, all of its text, and the text without comment lines.</summary>
    private sealed record SourceFile(string Path, string Text)
    {
        public string Code => string.Join('\n', Text.Split('\n').Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"EndsWith\('([^']+)'\)")]
    private static partial Regex NameEnding();

    [GeneratedRegex(@"\bConsole\s*\.")]
    private static partial Regex ConsoleUse();

    [GeneratedRegex(@"^public\s+(?:(?:static|sealed|abstract|partial|readonly|ref|unsafe)\s+)*(?:class|struct|interface|enum|record\s+struct|record\s+class|record|delegate\s+\S+)\s+(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelPublicType();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\b(?:T[O]DO|F[I]XME|H[A]CK)\b.*")]
    private static partial Regex UnfinishedNote();

    [GeneratedRegex(@"#\d+")]
    private static partial Regex IssueNumber();
}
