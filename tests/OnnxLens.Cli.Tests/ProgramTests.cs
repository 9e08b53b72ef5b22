using System.Diagnostics;
using System.Text.Json;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary>The built program in a process of its own: what only the operating system can do to it.</summary>
[TestClass]
public sealed class ProgramTests
{
    private const int Patience = 120_000;

    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "OnnxLens.Cli.dll");

    [TestMethod]
    public void Program_ReaderThatGoesAway_EndsWithoutAWord()
    {
        RequireUnix();
        using var folder = new TempFolder();
        File.WriteAllLines(folder["texts.jsonl"], Enumerable.Range(0, 20_000).Select(i => $"\"Lily and Tom {i}\""));
        (int code, string output, string error) = Shell(
            $"{{ dotnet '{Assembly}' tokenize '{Models.Stories}' --file '{folder["texts.jsonl"]}'; echo $? > '{folder["code"]}'; }} | head -n 1");
        Assert.AreEqual(0, code);
        Assert.StartsWith("[1,317,", output);
        Assert.AreEqual("", error);
        Assert.AreEqual("0", File.ReadAllText(folder["code"]).Trim());
    }

    [TestMethod]
    public void Program_OutputClosed_SaysSo()
    {
        RequireUnix();
        (int code, string _, string error) = Shell($"dotnet '{Assembly}' info '{Models.LlamaBundle}' >&-");
        Assert.AreEqual(ExitCodes.BadData, code);
        Assert.StartsWith("error: Cannot write ", error);
    }

    [TestMethod]
    [DataRow("drift BUNDLE BUNDLE --prompts PROMPTS --dataset DATASET --vector VECTOR --limit 4 --out OUT")]
    [DataRow("sweep BUNDLE --dataset DATASET --vector VECTOR --limit 4 --controls 2 --out OUT")]
    [DataRow("lens BUNDLE --prompt-file PROMPTS --csv OUT")]
    public void Program_Svg_DrawsWithoutAWordOfTheGraphicsLibrary(string line)
    {
        RequireUnix();
        using var folder = new TempFolder();
        File.WriteAllText(folder["p.txt"], "Anna comes from\n");
        var words = new Dictionary<string, string> { ["BUNDLE"] = SteeringDemo.Bundle, ["PROMPTS"] = folder["p.txt"], ["DATASET"] = SteeringDemo.Dataset("bold-test.json"), ["VECTOR"] = SteeringDemo.Bold, ["OUT"] = folder["out"] };
        string arguments = string.Join(' ', line.Split(' ').Select(word => words.TryGetValue(word, out string? path) ? $"'{path}'" : word));
        (int code, string _, string error) = Shell($"dotnet '{Assembly}' {arguments} --plot svg --quiet");
        Assert.AreEqual(0, code);
        Assert.AreEqual("", error);
    }

    [TestMethod]
    public void Program_Interrupt_WritesWhatWasDoneAndSays130()
    {
        RequireUnix();
        using var folder = new TempFolder();
        string bundle = CancellationTests.LongBundle(folder);
        ProcessStartInfo start = Start("dotnet", Assembly, "lens", bundle, "--tokens", "1,2,3", "--generate", "30000", "--positions", "prompt", "--json", folder["lens.json"]);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        while (process.StandardError.ReadLine() is string line)
        {
            if (line.StartsWith("generating", StringComparison.Ordinal))
            {
                using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
                kill.WaitForExit();
                break;
            }
        }

        string rest = process.StandardError.ReadToEnd();
        Assert.IsTrue(process.WaitForExit(Patience));
        Assert.AreEqual(ExitCodes.Cancelled, process.ExitCode, rest);
        Assert.Contains("cancelled after", rest);
        Assert.Contains("stopped by cancelled", output.GetAwaiter().GetResult());
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(folder["lens.json"]));
        Assert.IsGreaterThan(3, json.RootElement.GetProperty("tokens").GetArrayLength());
    }

    [TestMethod]
    public void Program_SecondSignalWhileFilesAreWritten_LeavesNothingUnfinished()
    {
        RequireUnix();
        using var folder = new TempFolder();
        RandomCheckpoint.Write(folder["checkpoint"], new RandomCheckpointOptions { Layers = 8, HiddenSize = 256, IntermediateSize = 1024 });
        Directory.CreateDirectory(folder["out"]);
        using Process process = Process.Start(Start("dotnet", Assembly, "export", folder["checkpoint"], "--out", folder["out/bundle"], "--precision", "int4", "--weights", "copy"))!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && Directory.GetFileSystemEntries(folder["out"]).Length == 0)
        {
            Thread.Sleep(1);
        }

        // Both wait while the process is stopped, so that the work cannot end between them.
        Shell($"kill -STOP {process.Id}; kill -INT {process.Id}; kill -TERM {process.Id}; kill -CONT {process.Id}");
        Assert.IsTrue(process.WaitForExit(Patience));
        string said = error.GetAwaiter().GetResult();
        Assert.IsTrue(process.ExitCode is 128 + 2 or 128 + 15, $"{process.ExitCode}: {said}");
        Assert.DoesNotContain("cancelled", said, "it was to end at once");
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder["out"]));
    }

    [TestMethod]
    public void Program_WrongCommandLine_SaysSoOnStandardError()
    {
        using Process process = Process.Start(Start("dotnet", Assembly, "bogus"))!;
        Assert.AreEqual("", process.StandardOutput.ReadToEnd());
        Assert.StartsWith("error: 'bogus'", process.StandardError.ReadToEnd());
        Assert.IsTrue(process.WaitForExit(Patience));
        Assert.AreEqual(ExitCodes.Usage, process.ExitCode);
    }

    [TestMethod]
    [DataRow("tokenize MODEL Lily")]
    [DataRow("info MODEL")]
    [DataRow("generate MODEL --prompt Lily --max-new-tokens 3 --quiet")]
    [DataRow("--help")]
    public void Program_OutputThatCannotBeWritten_IsSaidOnce(string line)
    {
        RequireUnix();
        if (!File.Exists("/dev/full"))
        {
            Assert.Inconclusive("This system has no /dev/full.");
        }

        string command = $"dotnet '{Assembly}' {line.Replace("MODEL", $"'{Models.StoriesBundle}'", StringComparison.Ordinal)}";
        (int code, _, string error) = Shell($"{command} > /dev/full");
        Assert.AreEqual(ExitCodes.BadData, code, error);
        Assert.StartsWith("error: Cannot write standard output", error);
        Assert.AreEqual(1, error.TrimEnd('\n').Split('\n').Length, error);
        (code, _, error) = Shell($"{command} 2> /dev/full");
        Assert.AreEqual(ExitCodes.Done, code, error);
    }

    [TestMethod]
    public void Program_FailureAfterOutputThatCannotBeWritten_IsNoCrash()
    {
        RequireUnix();
        if (!File.Exists("/dev/full"))
        {
            Assert.Inconclusive("This system has no /dev/full.");
        }

        using var folder = new TempFolder();
        File.WriteAllText(folder["texts.jsonl"], "\"Lily\"\nnull\n");
        (int code, _, string error) = Shell($"dotnet '{Assembly}' tokenize '{Models.Stories}' --file '{folder["texts.jsonl"]}' > /dev/full");
        Assert.AreEqual(ExitCodes.BadData, code, error);
        Assert.Contains("line 2 is no JSON string", error);
        Assert.Contains("error: Cannot write standard output", error);
    }

    [TestMethod]
    public void Program_Run_LeavesNothingOfTheRuntimesTelemetry()
    {
        RequireUnix();
        using var folder = new TempFolder();
        (int code, _, string error) = Shell(
            $"unset CI ORT_DISABLE_TELEMETRY ORT_RUNNING_UNIT_TESTS; HOME='{folder.Path}' XDG_CACHE_HOME='{folder["cache"]}' dotnet '{Assembly}' generate '{Models.StoriesBundle}' --prompt Lily --max-new-tokens 3 --quiet");
        Assert.AreEqual(ExitCodes.Done, code, error);
        Assert.AreEqual("", error);
        Assert.IsEmpty(Directory.GetFiles(folder.Path, "*onnxruntime*", SearchOption.AllDirectories));
        Assert.IsEmpty(Directory.GetDirectories(folder.Path, "Microsoft", SearchOption.AllDirectories));
    }

    private static void RequireUnix()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("This test needs a POSIX shell and signals.");
        }
    }

    private static (int Code, string Output, string Error) Shell(string command)
    {
        using Process process = Process.Start(Start("/bin/sh", "-c", command))!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.IsTrue(process.WaitForExit(Patience));
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private static ProcessStartInfo Start(string file, params string[] arguments) =>
        new(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
}
