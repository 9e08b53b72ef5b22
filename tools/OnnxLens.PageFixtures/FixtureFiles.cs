using OnnxLens.Reports;
using OnnxLens.Reports.Pages;

namespace OnnxLens.PageFixtures;

/// <summary>Writes a page and, where a test compares them, its tables.</summary>
internal static class FixtureFiles
{
    /// <summary>Writes <c>NAME.html</c>.</summary>
    internal static void Page(string folder, string name, LensReport report) => LensPage.Write(Path.Combine(folder, $"{name}.html"), report);

    /// <summary>Writes <c>NAME.html</c>, and the tables of the same report into the folder <c>NAME</c>.</summary>
    internal static void PageAndTables(string folder, string name, LensReport report)
    {
        Page(folder, name, report);
        LensCsvWriter.Write(Path.Combine(folder, name), report);
    }
}
