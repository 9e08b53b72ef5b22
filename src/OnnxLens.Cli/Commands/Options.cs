using System.CommandLine;

namespace OnnxLens.Cli.Commands;

/// <summary>Makes options of the kinds that several commands have.</summary>
internal static class Options
{
    /// <summary>An option that takes a text.</summary>
    public static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };

    /// <summary>An option that may be given several times.</summary>
    public static Option<string[]> Texts(string name, string helpName, string description, bool severalAtOnce = false) =>
        new(name) { HelpName = helpName, Description = description, AllowMultipleArgumentsPerToken = severalAtOnce };

    /// <summary>A whole number that is at least <paramref name="least"/>.</summary>
    public static Option<int?> Count(string name, string description, int least = 1)
    {
        var option = new Option<int?>(name) { HelpName = "N", Description = description };
        option.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<int?>() is int value && value < least)
            {
                result.AddError($"'{name}' is {value}; it must be {least} or more.");
            }
        });
        return option;
    }

    /// <summary>A number that may have a fraction.</summary>
    public static Option<float?> Number(string name, string description) =>
        new(name) { HelpName = "X", Description = description };

    /// <summary>A switch.</summary>
    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    /// <summary>A folder or file that the command reads.</summary>
    public static Argument<string> Folder(string name, string description) => new(name) { Description = description };

    /// <summary>No progress and no remarks on standard error.</summary>
    public static Option<bool> Quiet() => Switch("--quiet", "No progress and no remarks; errors only.");
}
