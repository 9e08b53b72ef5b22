using System.Diagnostics;
using System.Text.Json;

namespace OnnxLens.Bench.Measuring;

/// <summary>This program once more, in a process of its own, for what a process can be asked only once: its start, and its memory.</summary>
internal static class SelfProcess
{
    /// <summary>Runs a command that prints its result as JSON.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="arguments">The command.</param>
    /// <returns>The result, and seconds from start to end of the process.</returns>
    /// <exception cref="OutputException">It ended with another code than 0; its message went to standard error.</exception>
    public static (T Result, double Seconds) Run<T>(params string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(Start(arguments)) ?? throw new InvalidOperationException("The benchmark could not start itself.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return process.ExitCode == 0
            ? (JsonSerializer.Deserialize<T>(output)!, seconds)
            : throw new OutputException($"'{string.Join(' ', arguments)}', run in a process of its own, ended with code {process.ExitCode}; its message is above.", arguments[0]);
    }

    private static ProcessStartInfo Start(string[] arguments)
    {
        string program = Environment.ProcessPath!;
        bool hosted = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new ProcessStartInfo(program, hosted ? [typeof(SelfProcess).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardOutput = true,
        };
    }
}
