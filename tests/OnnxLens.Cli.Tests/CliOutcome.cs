namespace OnnxLens.Cli.Tests;

/// <summary>What one command line gave.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CliOutcome(int Code, string Out, string Error)
{
    /// <summary>The lines of standard output, the last one's end left out.</summary>
    public string[] Lines => Out.TrimEnd('\n').Split('\n');

    /// <summary>Fails with what the program said unless the exit code is this one.</summary>
    public CliOutcome Expect(int code)
    {
        Assert.AreEqual(code, Code, $"out: {Out}\nerror: {Error}");
        return this;
    }

    /// <summary>Fails unless the program ended with this code and one message that holds the text, and printed nothing else.</summary>
    public void ExpectError(int code, string fragment)
    {
        Expect(code);
        Assert.AreEqual("", Out);
        Assert.StartsWith("error: ", Error);
        Assert.AreEqual(1, Error.TrimEnd('\n').Split('\n').Length, Error);
        Assert.Contains(fragment, Error);
    }
}
