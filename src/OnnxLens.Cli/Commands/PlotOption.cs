using System.Collections.Immutable;
using System.CommandLine;

namespace OnnxLens.Cli.Commands;

/// <summary>The option that asks for pictures, which are drawn into the folder of the results.</summary>
/// <param name="what">What is drawn, as the help says it.</param>
/// <param name="folderOption">The option that names the folder.</param>
internal sealed class PlotOption(string what, string folderOption = "--out")
{
    private static readonly string[] Forms = ["png", "svg"];

    private readonly Option<string[]> _option = Options.Texts("--plot", "FORM", $"Draw {what} into {folderOption}, as png or svg. May be repeated.");

    /// <summary>The option.</summary>
    public Option Option => _option;

    /// <summary>The forms asked for, each once.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="folder">The folder, or null.</param>
    /// <exception cref="UsageException">A form is unknown, or there is no folder to draw into.</exception>
    public ImmutableArray<string> Read(ParseResult parsed, string? folder)
    {
        ImmutableArray<string> forms = [.. (parsed.GetValue(_option) ?? []).Distinct()];
        if (forms.Except(Forms).FirstOrDefault() is string form)
        {
            throw new UsageException($"'{form}' after --plot is no form of a picture. Write {string.Join(" or ", Forms)}.");
        }

        return forms.IsEmpty || folder is not null ? forms : throw new UsageException($"--plot draws into the folder of {folderOption}. Give {folderOption} DIR too.");
    }
}
