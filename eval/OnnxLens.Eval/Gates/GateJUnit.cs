using System.Globalization;
using System.Text;
using System.Xml;

namespace OnnxLens.Eval.Gates;

/// <summary>A report as JUnit XML, which continuous integration services show: one test case for each entry, and one for the bundle where it is required.</summary>
/// <remarks>Has what the schemas of Ant and Jenkins both ask for: one <c>testsuite</c> in <c>testsuites</c>, at most one <c>failure</c> a case.</remarks>
public static class GateJUnit
{
    private const string Name = "onnxlens.gate";

    private static readonly XmlWriterSettings Form = new() { Indent = true, NewLineChars = "\n", Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };

    /// <summary>Writes the report. Borrows the stream.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="report">What.</param>
    /// <param name="time">When the gate ran.</param>
    public static void Write(Stream stream, GateReport report, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(report);
        (string Suite, string Case, GateFailure[] Failures)[] cases =
        [
            .. report.RequiresBundle ? [(Name, "bundle", report.BundleFailure is { } failure ? [failure] : [])] : Array.Empty<(string, string, GateFailure[])>(),
            .. report.Checks.Select(check => ($"{Name}.{check.Expected.Key.Dataset}", $"{check.Expected.Key.Vector} at {check.Expected.Key.Point}", check.Failures.ToArray())),
        ];
        using var xml = XmlWriter.Create(stream, Form);
        xml.WriteStartElement("testsuites");
        xml.WriteStartElement("testsuite");
        Attributes(xml,
        [
            ("name", Name), ("package", "onnxlens"), ("id", "0"), ("hostname", "localhost"),
            ("timestamp", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)),
            ("tests", cases.Length.ToString(CultureInfo.InvariantCulture)),
            ("failures", cases.Count(test => test.Failures.Length > 0).ToString(CultureInfo.InvariantCulture)),
            ("errors", "0"), ("skipped", "0"), ("time", "0"),
        ]);
        xml.WriteStartElement("properties");
        xml.WriteEndElement();
        foreach ((string suite, string test, GateFailure[] failures) in cases)
        {
            xml.WriteStartElement("testcase");
            Attributes(xml, [("name", test), ("classname", suite), ("time", "0")]);
            if (failures.Length > 0)
            {
                string message = string.Join("; ", failures.Select(failure => failure.Message));
                xml.WriteStartElement("failure");
                Attributes(xml, [("message", message), ("type", string.Join(' ', failures.Select(failure => failure.Kind)))]);
                xml.WriteString(Legal($"{test}: {message}"));
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        foreach (string output in new[] { "system-out", "system-err" })
        {
            xml.WriteStartElement(output);
            xml.WriteString(Legal(output == "system-out" ? Remarks(report) : ""));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static string Remarks(GateReport report) => string.Join('\n',
    [
        report.Headline,
        .. report is { BundleFailure: null, BundleDifference: string difference } ? [difference] : Array.Empty<string>(),
        .. report.New.Select(entry => $"new: {entry.Key}, slope {GateText.Slope(entry)}"),
    ]);

    private static void Attributes(XmlWriter xml, (string Name, string Value)[] attributes)
    {
        foreach ((string name, string value) in attributes)
        {
            xml.WriteAttributeString(name, Legal(value));
        }
    }

    /// <summary>The text with characters that XML cannot hold replaced.</summary>
    private static string Legal(string text) => string.Concat(text.EnumerateRunes().Select(rune =>
        rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? Rune.ReplacementChar.ToString() : rune.ToString()));
}
