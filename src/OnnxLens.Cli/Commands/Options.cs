using System.CommandLine;
using System.Globalization;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary>Makes options of the kinds that several commands have.</summary>
internal static class Options
{
    private const double LeastAmount = 0.001;
    private const double MostAmount = 1_000_000;

    /// <summary>The libraries for CUDA devices.</summary>
    public static Option<string?> ProviderLibrary() => Parsed<string?>(
        "--ep-library",
        "DIR",
        $"Folder with the libraries of ONNX Runtime's GPU build ({CudaProvider.FileName} and those beside it), for CUDA devices. Default: the program's own, where it was built with them.",
        text => text.Length == 0 ? (null, "The folder after '--ep-library' is empty.") : (text, null));

    /// <summary>The folder of Parquet files.</summary>
    /// <param name="tables">What is written there, as the help says it.</param>
    public static Option<string?> Parquet(string tables) => Text("--parquet", "DIR", $"Write the tables {tables} as Parquet files, with provenance.json, into this folder.");

    /// <summary>An option that takes a text.</summary>
    public static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };

    /// <summary>An option that may be given several times.</summary>
    public static Option<string[]> Texts(string name, string helpName, string description, bool severalAtOnce = false) =>
        new(name) { HelpName = helpName, Description = description, AllowMultipleArgumentsPerToken = severalAtOnce };

    /// <summary>A whole number that is at least <paramref name="least"/> and at most <paramref name="most"/>.</summary>
    public static Option<int?> Count(string name, string description, int least = 1, int most = int.MaxValue) => Parsed<int?>(name, "N", description, text =>
        !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? (null, $"'{text}' after '{name}' is no whole number.")
        : value < least ? (null, $"'{name}' is {value}; it must be {least} or more.")
        : value > most ? (null, $"'{name}' is {value}; it must be {most} or less.")
        : (value, null));

    /// <summary>A whole number of 64 bits, not negative.</summary>
    public static Option<ulong?> Seed(string name, string description) => Parsed<ulong?>(name, "N", description, text =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? (value, null) : (null, $"'{text}' after '{name}' is no whole number from 0."));

    /// <summary>A number that may have a fraction.</summary>
    public static Option<float?> Number(string name, string description) => Parsed<float?>(name, "X", description, text =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? (value, null) : (null, $"'{text}' after '{name}' is no number."));

    /// <summary>A number above 0, in a unit.</summary>
    public static Option<double?> Amount(string name, string unit, string description) => Parsed<double?>(name, unit, description, text =>
        !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? (null, $"'{text}' after '{name}' is no number.")
        : value is >= LeastAmount and <= MostAmount ? (value, null)
        : (null, $"'{name}' is {text}; it must be from {LeastAmount} to {MostAmount}."));

    /// <summary>A switch.</summary>
    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    /// <summary>A folder or file that the command reads.</summary>
    public static Argument<string> Folder(string name, string description) => new(name) { Description = description };

    private static Option<T> Parsed<T>(string name, string helpName, string description, Func<string, (T Value, string? Error)> parse) => new(name)
    {
        HelpName = helpName,
        Description = description,
        CustomParser = result =>
        {
            (T value, string? error) = parse(result.Tokens[0].Value);
            if (error is not null)
            {
                result.AddError(error);
            }

            return value;
        },
    };

    /// <summary>No progress and no remarks on standard error.</summary>
    public static Option<bool> Quiet() => Switch("--quiet", "No progress and no remarks: results and errors only.");
}
