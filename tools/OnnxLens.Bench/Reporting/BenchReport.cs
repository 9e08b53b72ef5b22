using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Reporting;

/// <summary>All figures of a run, with what they were measured on and how.</summary>
/// <param name="Environment">The machine.</param>
/// <param name="Subject">What was measured.</param>
/// <param name="Command">The command.</param>
/// <param name="Figures">The figures.</param>
internal sealed record BenchReport(BenchEnvironment Environment, BenchSubject Subject, string Command, ImmutableArray<Figure> Figures)
{
    private static readonly JsonSerializerOptions Form = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // The file is read by people, and by no browser.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // A quotient by what could not be measured must not cost the run.
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="BenchDataException">The file is missing, or is something else.</exception>
    public static BenchReport Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<BenchReport>(File.ReadAllBytes(path), Form) ?? throw new JsonException("It holds null.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BenchDataException($"'{path}' cannot be read as figures: {exception.Message} Expected is what 'run --json' writes.", exception);
        }
    }

    /// <summary>For other programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Form) + "\n";

    /// <summary>A plain table of everything.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("Measured: ").Append(Subject.Line()).Append(".\n\nMachine: ").Append(Environment.Line()).Append(".\n\n```\n").Append(Command).Append("\n```\n\n");
        text.Append("| scenario | figure | median | range | bound | |\n|---|---|---|---|---|---|\n");
        foreach (Figure figure in Figures)
        {
            string[] cells =
            [
                figure.Scenario, FigureText.Name(figure), FigureText.Median(figure), FigureText.Range(figure), FigureText.BoundText(figure.Bound), FigureText.Verdict(figure),
            ];
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return text.ToString();
    }
}
