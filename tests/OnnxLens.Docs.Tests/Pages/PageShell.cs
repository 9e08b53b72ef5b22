using System.Diagnostics;
using OnnxLens.Testing;

namespace OnnxLens.Docs.Tests.Pages;

/// <summary>A folder that looks like a clone to the commands of a page, and a shell in it in which <c>onnxlens</c> is the built program. Owns the folder.</summary>
internal sealed class PageShell : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string[] Copied = ["model-export/demo/checkpoint", "model-export/configs", "eval/datasets", "eval/baselines"];

    private readonly TempFolder _folder = new();

    /// <summary>Makes the folder: the parts of the repository that pages use.</summary>
    public PageShell()
    {
        foreach (string relative in Copied)
        {
            Copy(Path.Combine(RepositoryRoot.Path, relative), this[relative]);
        }

        Directory.CreateDirectory(this["../bin"]);
        Directory.CreateDirectory(this["../tmp"]);
        string program = this["../bin/onnxlens"];
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "OnnxLens.Cli.dll")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    /// <summary>The path of a file or folder in the clone.</summary>
    public string this[string relative] => Path.GetFullPath(_folder["clone/" + relative]);

    /// <summary>Runs lines in the clone, and ends with the first command that fails.</summary>
    /// <param name="lines">What a page shows.</param>
    /// <param name="patience">When they are ended, and the test fails; null is after five minutes.</param>
    public (int Code, string Output, string Error) Run(string lines, TimeSpan? patience = null)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("The commands of the pages need a POSIX shell.");
        }

        ProcessStartInfo start = new("/bin/sh", ["-e", "-c", lines]) { WorkingDirectory = this["."], RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = this["../bin"] + Path.PathSeparator + start.Environment["PATH"];
        start.Environment["XDG_CACHE_HOME"] = this["../cache"];
        start.Environment["TMPDIR"] = this["../tmp"];
        using Process process = Process.Start(start)!;
        Task<string>[] printed = [process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()];
        TimeSpan longest = patience ?? Patience;
        if (!process.WaitForExit(longest) || !Task.WaitAll(printed, longest))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"These lines had not ended after {longest.TotalSeconds} s:\n{lines}");
        }

        return (process.ExitCode, printed[0].Result, printed[1].Result);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static void Copy(string source, string target)
    {
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
