using System.Globalization;

namespace OnnxLens.Cli;

/// <summary>The width of a line that the user asks for.</summary>
internal static class ScreenColumns
{
    /// <summary>What <c>COLUMNS</c> says, which man and git take too, above what a terminal says of itself; null where it is no whole number above 0.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static int? Asked(Func<string, string?> environment) =>
        int.TryParse(environment("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int columns) && columns > 0 ? columns : null;
}
