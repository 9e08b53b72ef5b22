namespace OnnxLens.Docs.Tests.Pages;

/// <summary>The commands of the pages that no test here runs, each with the reason. There is no other such list.</summary>
internal static class NotRun
{
    private static readonly (string Start, string Reason)[] Commands =
    [
        ("dotnet run -c Release --project src/OnnxLens.Cli -- demo", ".ci/run runs it as a step of its own"),
        ("dotnet test", "it would run these tests again; .ci/run runs it as a step of its own"),
        (".ci/run", "it runs these tests"),
        ("dotnet run -c Release --project tools/OnnxLens.Bench", "a measurement takes minutes to hours, and is of use on a quiet machine only"),
        ("dotnet run -c Release --project tools/OnnxLens.PageFixtures", ".ci/pages runs it"),
        ("export ONNXLENS_PAGES", ".ci/pages runs what it is for"),
        ("cd src/OnnxLens.Reports/web", ".ci/pages runs what is in there"),
        ("npm ", ".ci/pages runs it"),
        ("dotnet pack", ".ci/install runs the README's"),
        ("dotnet tool install", ".ci/install runs the README's"),
        ("dotnet publish src/OnnxLens.Cli", ".ci/install runs it"),
        ("apt-get install", "eval/notebooks/ci.sh installs the same"),
        ("cd eval/notebooks", "eval/notebooks/ci.sh runs what is in there"),
        ("python3 -m nbconvert", "eval/notebooks/ci.sh runs it for each notebook"),
        ("dotnet run -c Release --project tools/OnnxLens.GpuCheck", "it needs a GPU"),
    ];

    /// <summary>Why a line is not run, or null where it is.</summary>
    public static string? Reason(string line) =>
        Commands.FirstOrDefault(command => line.TrimStart().StartsWith(command.Start, StringComparison.Ordinal)).Reason;

    /// <summary>The beginnings that no page has any more.</summary>
    public static IEnumerable<string> Unused(IReadOnlyCollection<string> lines) =>
        Commands.Select(command => command.Start).Where(start => !lines.Any(line => line.TrimStart().StartsWith(start, StringComparison.Ordinal)));
}
