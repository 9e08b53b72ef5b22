using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Tests;

/// <summary>Which steps of which job are run, and in which order.</summary>
[TestClass]
public sealed class PhasedTimerTests
{
    private static readonly string[] Prompts = [.. Enumerable.Repeat(new[] { "seek Prompt 0", "Prompt 0" }, 5).SelectMany(run => run)];

    [TestMethod]
    public void Measure_WholeJob_RunsEveryStepInOrderAndSeeksNoneButThePrompt()
    {
        var jobs = new List<RecordingJob>();
        PhaseTimes[][] times = PhasedTimer.Measure([Variant(jobs, int.MaxValue, tokens: 4, lens: 2)], 1, CancellationToken.None);
        Assert.AreSequenceEqual([.. Prompts, "Tokens 0", "Tokens 1", "Tokens 2", "Tokens 3", "Lens 0", "Lens 1"], jobs[1].Log);
        Assert.IsNull(times[0][0].MeasuredSteps);
    }

    [TestMethod]
    public void Measure_SampledJob_SeeksItsStepsFromTheLastToTheFirst()
    {
        var jobs = new List<RecordingJob>();
        PhaseTimes[][] times = PhasedTimer.Measure([Variant(jobs, 3, tokens: 15, lens: 1) with { TokensOfATurn = 1 }], 1, CancellationToken.None);
        Assert.AreSequenceEqual(
            [.. Prompts, "seek Tokens 12", "Tokens 12", "seek Tokens 7", "Tokens 7", "seek Tokens 2", "Tokens 2", "seek Lens 0", "Lens 0"], jobs[1].Log);
        Assert.AreEqual(5, times[0][0].MeasuredSteps);
    }

    [TestMethod]
    public void Measure_JobsOfOtherLengths_AllGetTheirStepsAndAreDisposed()
    {
        var jobs = new List<RecordingJob>();
        PhasedTimer.Measure([Variant(jobs, int.MaxValue, tokens: 40, lens: 7), Variant(jobs, 16, tokens: 40, lens: 0)], 2, CancellationToken.None);
        Assert.HasCount(6, jobs);
        Assert.IsTrue(jobs.All(job => job.IsDisposed));
        Assert.AreSequenceEqual(new[] { 8, 8, 40, 16, 40, 16 }, jobs.Select(job => job.Log.Count(line => line.StartsWith("Tokens", StringComparison.Ordinal))).ToArray());
    }

    [TestMethod]
    public void Measure_SeveralJobs_HaveTurnsOfEight()
    {
        var log = new List<(string Job, string Step)>();
        PhasedVariant Named(string name) => new(name, int.MaxValue, () => new RecordingJob(16, 16, step => log.Add((name, step))));
        PhasedTimer.Measure([Named("a"), Named("b")], 1, CancellationToken.None);
        foreach (string phase in new[] { "Tokens", "Lens" })
        {
            (string Job, string Step)[][] turns = [.. Measured(phase, 16).Chunk(8)];
            Assert.IsTrue(turns.All(turn => turn.Select(step => step.Job).Distinct().Count() == 1));
            Assert.IsTrue(turns.Chunk(2).All(round => round[0][0].Job != round[1][0].Job), "each has one turn in a round");
        }

        // Those of the measured repeat, behind what was run to warm up.
        IEnumerable<(string Job, string Step)> Measured(string phase, int steps) =>
            log.Where(step => step.Step.StartsWith(phase, StringComparison.Ordinal)).TakeLast(2 * steps);
    }

    [TestMethod]
    public void Measure_SeveralJobs_RunTheirPromptsByTurns()
    {
        var log = new List<string>();
        PhasedVariant Named(string name) => new(name, int.MaxValue, () => new RecordingJob(0, 0, _ => log.Add(name)));
        PhasedTimer.Measure([Named("a"), Named("b")], 1, CancellationToken.None);
        Assert.HasCount(12, log);
        Assert.IsTrue(log.Chunk(2).All(round => round[0] != round[1]), "each has one run in a round");
    }

    [TestMethod]
    public void Measure_Prompt_CountsAsTheMedianOfItsRuns()
    {
        int runs = 0;
        var variant = new PhasedVariant("a", int.MaxValue, () => new RecordingJob(0, 0, _ => Thread.Sleep(runs++ < 3 ? 0 : 300)));
        PhaseTimes[][] times = PhasedTimer.Measure([variant with { PromptTurns = 3 }], 1, CancellationToken.None);

        // One to warm up and two of three were short.
        Assert.AreEqual(4, runs);
        Assert.IsLessThan(0.3, times[0][0][Phase.Prompt]);
    }

    [TestMethod]
    public void Measure_SampledJob_RunsOnWithinATurn()
    {
        var jobs = new List<RecordingJob>();
        PhasedTimer.Measure([Variant(jobs, 16, tokens: 40, lens: 0)], 1, CancellationToken.None);
        string[] expected = [.. Prompts, "seek Tokens 26", .. Turn(26), "seek Tokens 6", .. Turn(6)];
        Assert.AreSequenceEqual(expected, jobs[1].Log);

        static IEnumerable<string> Turn(int first) => Enumerable.Range(first, 8).Select(step => $"Tokens {step}");
    }

    [TestMethod]
    public void Generation_Times_LeaveOutTheLens()
    {
        var times = new PhaseTimes([StepSample.Of(1, 1)], [1, 2, 4, 8]);
        Assert.AreEqual(15, times.Total);
        Assert.AreEqual(7, times.Generation);
        Assert.AreEqual(8, times[Phase.Lens]);
    }

    private static PhasedVariant Variant(List<RecordingJob> jobs, int most, int tokens, int lens) => new("job", most, () =>
    {
        jobs.Add(new RecordingJob(tokens, lens));
        return jobs[^1];
    });

    /// <summary>Writes down what it is asked for.</summary>
    private sealed class RecordingJob(int tokens, int lens, Action<string>? ran = null) : IPhasedJob
    {
        public List<string> Log { get; } = [];

        public bool IsDisposed { get; private set; }

        public int StepsOf(Phase phase) => phase switch
        {
            Phase.Prompt => 1,
            Phase.Tokens => tokens,
            Phase.Lens => lens,
            _ => 0,
        };

        public void Seek(Phase phase, int step) => Log.Add($"seek {phase} {step}");

        public void Step(Phase phase, int step)
        {
            Log.Add($"{phase} {step}");
            ran?.Invoke(Log[^1]);
        }

        public void Dispose() => IsDisposed = true;
    }
}
