namespace OnnxLens.Bench.Measuring;

/// <summary>
/// Times several jobs in turns, so that whatever else the machine does falls on all of them alike: step by step, or where all steps are alike some at a time
/// (<see cref="Turn"/>).
/// Only ratios within a repeat mean something on a machine that is shared.
/// </summary>
internal static class Interleaved
{
    /// <summary>Runs every variant once unmeasured, then so many times measured.</summary>
    /// <returns>Seconds, [variant][repeat].</returns>
    public static double[][] Seconds(IReadOnlyList<Variant> variants, int repeats, CancellationToken cancellation)
    {
        var seconds = new double[variants.Count][];
        for (int i = 0; i < variants.Count; i++)
        {
            seconds[i] = new double[repeats];
        }

        Repeat(variants, 0, cancellation);
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            double[] times = Repeat(variants, repeat, cancellation);
            for (int i = 0; i < times.Length; i++)
            {
                seconds[i][repeat] = times[i];
            }
        }

        return seconds;
    }

    private static double[] Repeat(IReadOnlyList<Variant> variants, int repeat, CancellationToken cancellation)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var jobs = new List<IJob>();
        try
        {
            jobs.AddRange(variants.Select(variant => variant.Begin()));
            var seconds = new double[jobs.Count];
            int steps = jobs.Max(job => job.Steps);
            int stepsOfATurn = jobs.TrueForAll(job => job.StepsAreAlike) ? Turn.Steps : 1;
            for (int round = 0; round * stepsOfATurn < steps; round++)
            {
                for (int turn = 0; turn < jobs.Count; turn++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    int i = (turn + round + repeat) % jobs.Count;
                    seconds[i] += Time(jobs[i], round * stepsOfATurn, stepsOfATurn);
                }
            }

            return seconds;
        }
        finally
        {
            jobs.ForEach(job => job.Dispose());
        }
    }

    private static double Time(IJob job, int first, int most)
    {
        int count = Math.Clamp(job.Steps - first, 0, most);
        return count == 0 ? 0 : Turn.Time(count, i => job.Step(first + i)) * count;
    }
}
