using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Eval;

namespace OnnxLens.Reports.Journals;

/// <summary>The first line of a journal: whose results these are.</summary>
internal static class JournalHeader
{
    private const int Schema = 1;
    private const int DifferencesNamed = 3;

    /// <summary>The line for a plan. Names in ordinal order, so that equal plans have equal lines.</summary>
    internal static string Of(IReadOnlyDictionary<string, string> plan) =>
        JsonSerializer.Serialize(new Content(Schema, plan.ToImmutableSortedDictionary(StringComparer.Ordinal)), Journal.Form);

    /// <summary>Refuses a file without a whole line that no journal begins like: it is somebody's, and would be overwritten.</summary>
    /// <exception cref="EvalException">It is no journal.</exception>
    internal static void CheckBeginning(string path, JournalKind kind, string text)
    {
        string header = Of(ImmutableSortedDictionary<string, string>.Empty);
        string common = header[..(header.IndexOf("{}", StringComparison.Ordinal) + 1)];
        if (!common.StartsWith(text, StringComparison.Ordinal) && !text.StartsWith(common, StringComparison.Ordinal))
            throw NoJournal(path, kind);
    }

    /// <summary>Compares the plan of a line with the one that is to go on.</summary>
    /// <exception cref="EvalException">The line is no header, or of another plan; the message says what differs.</exception>
    internal static void Check(string path, JournalKind kind, string line, IReadOnlyDictionary<string, string> plan)
    {
        ImmutableSortedDictionary<string, string> there = Parse(path, kind, line);
        string[] differences =
        [
            .. there.Keys.Union(plan.Keys).Order(StringComparer.Ordinal)
                .Where(name => there.GetValueOrDefault(name) != plan.GetValueOrDefault(name))
                .Select(name => $"{name} is {Shown(there, name)} there and {Shown(plan, name)} here"),
        ];
        if (differences.Length > 0)
        {
            string more = differences.Length > DifferencesNamed ? $"; {differences.Length - DifferencesNamed} more differ" : "";
            throw new EvalException(
                $"'{path}' holds the {kind.Parts} of another {kind.Work}: {string.Join("; ", differences.Take(DifferencesNamed))}{more}. "
                + "Run with the same data and options to go on with it, or remove it to start anew.");
        }
    }

    private static ImmutableSortedDictionary<string, string> Parse(string path, JournalKind kind, string line)
    {
        try
        {
            Content? header = JsonSerializer.Deserialize<Content>(line, Journal.Form);
            return header is { Schema: Schema } ? header.Plan : throw NoJournal(path, kind);
        }
        catch (JsonException)
        {
            throw NoJournal(path, kind);
        }
    }

    private static string Shown(IReadOnlyDictionary<string, string> plan, string name) =>
        plan.TryGetValue(name, out string? value) ? $"'{value}'" : "missing";

    private static EvalException NoJournal(string path, JournalKind kind) =>
        new($"'{path}' is no journal of a {kind.Work} that this version can read: its first line is not the plan with schema {Schema}. Remove it to start anew, or give another folder.");

    private sealed record Content(int Schema, ImmutableSortedDictionary<string, string> Plan);
}
