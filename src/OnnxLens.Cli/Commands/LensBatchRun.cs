using System.Globalization;
using OnnxLens.Cli.Models;
using OnnxLens.Cli.Rendering;

namespace OnnxLens.Cli.Commands;

/// <summary><c>onnxlens lens --prompts</c>: the lens of many prompts, in files.</summary>
internal static class LensBatchRun
{
    /// <summary>Runs, and prints what was done in a line.</summary>
    /// <param name="host">The world around.</param>
    /// <param name="arguments">What is asked for; outputs are checked.</param>
    /// <param name="results">The files that will be written.</param>
    /// <param name="cancellation">Stops within a micro-batch; prompts done are kept.</param>
    /// <returns>The exit code.</returns>
    public static int Run(CliHost host, LensArguments arguments, string[] results, CancellationToken cancellation)
    {
        IReadOnlyList<string> written;
        LensBatchPlan? plan = null;
        LensBatchSession? session = null;
        try
        {
            using var progress = new ProgressLine(host, arguments.Quiet);
            plan = new LensBatchPlan(arguments, new ModelSource(host, arguments.Quiet, progress).Open(arguments.Folder, arguments.Model, cancellation, results));
            session = new LensBatchSession(arguments, plan, progress);
            written = session.Run(cancellation);
        }
        catch (OperationCanceledException) when (session is { Done.Prompts: > 0 })
        {
            host.Note(string.Create(CultureInfo.InvariantCulture, $"cancelled after {session.Done.Prompts} of {plan!.Prompts.Length} prompts; give the same command again to go on from there"));
            return ExitCodes.Cancelled;
        }

        host.Out.WriteLine(Summary(session));
        if (session.Done.UndefinedCells > 0)
        {
            host.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{session.Done.UndefinedCells} cell(s) could not be read, for their activation is not a number; they are empty."));
        }

        if (!arguments.Quiet)
        {
            Say(host, plan, session, written);
        }

        return ExitCodes.Done;
    }

    /// <summary>What this run did; an earlier one's prompts took time that nobody counted.</summary>
    private static string Summary(LensBatchSession session)
    {
        int prompts = session.Done.Prompts - session.Earlier.Prompts;
        long tokens = session.Done.Tokens - session.Earlier.Tokens;
        double seconds = session.Time.TotalSeconds;
        string speed = seconds > 0 ? string.Create(CultureInfo.InvariantCulture, $": {tokens / seconds:F0} tokens/s") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{prompts} prompt(s), {tokens} token(s) in {seconds:F1} s{speed}");
    }

    private static void Say(CliHost host, LensBatchPlan plan, LensBatchSession session, IReadOnlyList<string> written)
    {
        plan.Steering.Notes.ToList().ForEach(host.Note);
        SteeringNotes.Applied(plan.Steering.Records(session.Done.Steered)).ForEach(host.Note);
        if (session.Earlier.Prompts > 0)
        {
            host.Note(string.Create(CultureInfo.InvariantCulture, $"went on from {session.Earlier.Prompts} prompts of an earlier run"));
        }

        foreach (string path in written)
        {
            host.Note($"wrote {path}");
        }
    }
}
