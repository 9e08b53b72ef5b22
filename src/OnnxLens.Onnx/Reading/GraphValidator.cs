using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Checks that a model keeps the rules of the ONNX format.</summary>
/// <remarks>
/// <para>Checked are: IR version and operator sets; that every name is there and unique; that every value is made before it
/// is read, in the graph, in bodies of nodes and in model functions; that outputs exist; that every tensor has as much data as
/// its dims and type say, in one place; that external data lies in plain relative locations; that attributes have a type and a
/// value of that type; that every domain in use is imported.</para>
/// <para>Operators are not checked: an unknown one is no finding, nor are shapes that do not fit together.</para>
/// </remarks>
public static class GraphValidator
{
    private const int ListedFindings = 20;

    /// <summary>Lists everything that breaks the rules, in the order of the file.</summary>
    /// <param name="model">The model.</param>
    /// <param name="externalFileLength">
    /// Bytes of an external data file by its location, or null when there is no such file. When it is given, external data must lie inside its file.
    /// It is asked only about plain relative locations.
    /// </param>
    /// <returns>The findings; none when the model keeps the rules.</returns>
    public static IReadOnlyList<GraphFinding> Validate(ModelProto model, Func<string, long?>? externalFileLength = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var findings = new List<GraphFinding>();
        new ModelChecker(findings, new TensorChecker(findings, externalFileLength)).Check(model);
        return findings;
    }

    /// <summary>Refuses a model that breaks the rules.</summary>
    /// <param name="model">The model.</param>
    /// <param name="source">What the message calls the model: its path.</param>
    /// <param name="externalFileLength">As for <see cref="Validate"/>.</param>
    /// <exception cref="OnnxFormatException">The model breaks the rules; the message lists how.</exception>
    public static void ThrowIfInvalid(ModelProto model, string source, Func<string, long?>? externalFileLength = null)
    {
        IReadOnlyList<GraphFinding> findings = Validate(model, externalFileLength);
        if (findings.Count == 0)
        {
            return;
        }

        IEnumerable<string> lines = findings.Take(ListedFindings).Select(finding => $"\n  {finding}");
        string more = findings.Count > ListedFindings ? $"\n  and {findings.Count - ListedFindings} more" : string.Empty;
        throw new OnnxFormatException(
            $"{source} is no valid ONNX model ({findings.Count} finding(s)). Export it again, or mend it:{string.Concat(lines)}{more}");
    }
}
