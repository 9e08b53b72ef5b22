using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Reporting;

/// <summary>The page of documentation: a template with the prose, and the figures of one or more runs in its places.</summary>
/// <remarks>
/// Places are <c>{{runs}}</c>, <c>{{bounds}}</c>, <c>{{not-better}}</c>, and <c>{{table NAME}}</c> for a scenario's figures. A section, from one heading
/// of the second level to the next, whose tables all have no figures is left out.
/// </remarks>
internal static partial class PerformancePage
{
    private const string Template = "performance.template.md";

    /// <summary>The scenarios that the template has a table for.</summary>
    public static ImmutableArray<string> Scenarios => [.. TablePlace().Matches(TemplateText()).Select(match => match.Groups[1].Value)];

    /// <summary>Writes the page.</summary>
    /// <param name="reports">At least one.</param>
    /// <exception cref="BenchDataException">A scenario has no table in the template, so that its figures would be lost.</exception>
    public static string Write(IReadOnlyList<BenchReport> reports)
    {
        ArgumentOutOfRangeException.ThrowIfZero(reports.Count, nameof(reports));
        string? lost = reports.SelectMany(report => report.Figures).Select(figure => figure.Scenario).Except(Scenarios).FirstOrDefault();
        if (lost is not null)
        {
            throw new BenchDataException($"The template has no table for the scenario '{lost}'. Add a section with '{{{{table {lost}}}}}' to {Template}.");
        }

        IEnumerable<string> sections = Heading().Split(TemplateText()).Where(section => IsNeeded(section, reports));
        string page = TablePlace().Replace(string.Concat(sections), match => Tables(match.Groups[1].Value, reports));
        return page
            .Replace("{{runs}}", Runs(reports), StringComparison.Ordinal)
            .Replace("{{bounds}}", BoundsTable.Write(reports), StringComparison.Ordinal)
            .Replace("{{not-better}}", NotBetter.Write(reports), StringComparison.Ordinal);
    }

    /// <summary>How a report is called where there are several; empty where it is the only one.</summary>
    internal static string Label(BenchReport report, IReadOnlyList<BenchReport> reports) =>
        reports.Count == 1 ? string.Empty : $"run {reports.ToList().IndexOf(report) + 1}";

    private static bool IsNeeded(string section, IReadOnlyList<BenchReport> reports)
    {
        string[] scenarios = [.. TablePlace().Matches(section).Select(match => match.Groups[1].Value)];
        return scenarios.Length == 0 || reports.Any(report => report.Figures.Any(figure => scenarios.Contains(figure.Scenario)));
    }

    private static string Runs(IReadOnlyList<BenchReport> reports)
    {
        var text = new StringBuilder();
        foreach (BenchReport report in reports)
        {
            string label = Label(report, reports);
            text.Append(label.Length == 0 ? "Measured: " : $"**{label[..1].ToUpperInvariant()}{label[1..]}**: ").Append(report.Subject.Line())
                .Append(". Machine: ").Append(report.Environment.Line()).Append(".\n\n```\n").Append(report.Command).Append("\n```\n\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string Tables(string scenario, IReadOnlyList<BenchReport> reports)
    {
        IEnumerable<string> tables = reports.Where(report => report.Figures.Any(figure => figure.Scenario == scenario)).Select(report =>
        {
            string label = Label(report, reports);
            string table = FigureTable.Write([.. report.Figures.Where(figure => figure.Scenario == scenario)]);
            return label.Length == 0 ? table : $"{label[..1].ToUpperInvariant()}{label[1..]}:\n\n{table}";
        });
        return string.Join("\n\n", tables);
    }

    private static string TemplateText()
    {
        using Stream stream = typeof(PerformancePage).Assembly.GetManifestResourceStream(Template)
            ?? throw new InvalidOperationException($"The program was built without {Template}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\{\{table ([\w-]+)\}\}")]
    private static partial Regex TablePlace();

    [GeneratedRegex(@"(?=^## )", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
