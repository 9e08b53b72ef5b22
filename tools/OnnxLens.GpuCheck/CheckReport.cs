using System.Globalization;
using System.Text.Json;

namespace OnnxLens.GpuCheck;

/// <summary>Collects what was checked, and says each line as it comes.</summary>
internal sealed class CheckReport(Action<string> say)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    private readonly List<CheckLine> _lines = [];

    /// <summary>Checks that failed.</summary>
    public int Failures => _lines.Count(line => !line.Holds);

    /// <summary>Something that must hold.</summary>
    public void Hold(string name, bool holds, string remark = "") => Add(new CheckLine(name, null, "", null, holds, remark));

    /// <summary>A figure that must not exceed a limit.</summary>
    public void AtMost(string name, double value, double limit, string remark = "") => Add(new CheckLine(name, value, "", limit, value <= limit, remark));

    /// <summary>A figure for its own sake.</summary>
    public void Figure(string name, double value, string unit, string remark = "") => Add(new CheckLine(name, value, unit, null, true, remark));

    /// <summary>Something that could not be done.</summary>
    public void Fail(string name, string why) => Add(new CheckLine(name, null, "", null, false, why));

    /// <summary>Writes every line as JSON.</summary>
    public void Save(string file) => AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, _lines, Indented));

    private void Add(CheckLine line)
    {
        _lines.Add(line);
        string value = line.Value is double number ? number.ToString("G5", CultureInfo.InvariantCulture) + " " + line.Unit : "";
        string limit = line.Limit is double most ? "≤ " + most.ToString("G5", CultureInfo.InvariantCulture) : "";
        say($"{(line.Holds ? "ok    " : "FAILED")} {line.Name,-72} {value,-18} {limit,-10} {line.Remark}".TrimEnd());
    }
}
