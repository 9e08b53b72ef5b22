namespace OnnxLens.Bench.Measuring;

/// <summary>
/// Times jobs phase by phase, in turns, so that whatever else the machine does falls on all of them alike. Jobs with fewer measured steps than others
/// have them spread over the phase.
/// </summary>
/// <remarks>
/// Steps come several a turn (<see cref="Turn"/>), where a job does not ask for single ones. The prompt has several turns of one run and counts as their
/// median: a machine's speed changes within the seconds of a long one.
/// The order of the turns is drawn anew each time, the same in every run: in a fixed one each job would always meet the caches that the same other job leaves.
/// A job that is not measured whole goes through a phase from its last measured steps to its first, for rewinding is cheaper than running on.
/// </remarks>
internal static class PhasedTimer
{
    private const int WarmSteps = 2;

    /// <summary>Runs a few steps of every variant unmeasured, then so many repeats.</summary>
    /// <returns>[variant][repeat].</returns>
    public static PhaseTimes[][] Measure(IReadOnlyList<PhasedVariant> variants, int repeats, CancellationToken cancellation)
    {
        Repeat([.. variants.Select(variant => variant with { MostSteps = WarmSteps, PromptTurns = 1 })], 0, cancellation);
        PhaseTimes[][] rounds = [.. Enumerable.Range(0, repeats).Select(repeat => Repeat(variants, repeat, cancellation))];
        return [.. variants.Select((_, i) => rounds.Select(round => round[i]).ToArray())];
    }

    /// <summary>The same, of the whole jobs.</summary>
    /// <returns>Seconds, [variant][repeat].</returns>
    public static double[][] Seconds(IReadOnlyList<PhasedVariant> variants, int repeats, CancellationToken cancellation) =>
        [.. Measure(variants, repeats, cancellation).Select(times => times.Select(time => time.Total).ToArray())];

    private static PhaseTimes[] Repeat(IReadOnlyList<PhasedVariant> variants, int turn, CancellationToken cancellation)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var order = new Random(turn);
        var tracks = new List<Track>();
        try
        {
            foreach (PhasedVariant variant in variants)
            {
                tracks.Add(new Track(variant));
            }

            foreach (Phase phase in Enum.GetValues<Phase>())
            {
                tracks.ForEach(track => track.Enter(phase));
                Run(tracks, order, cancellation);
            }

            return [.. tracks.Select(track => track.Times())];
        }
        finally
        {
            tracks.ForEach(track => track.Dispose());
        }
    }

    /// <summary>Runs the phase that all have entered.</summary>
    private static void Run(List<Track> tracks, Random order, CancellationToken cancellation)
    {
        Track[] turns = [.. tracks];
        int ticks = tracks.Max(track => track.Planned);
        for (int tick = 0; tick < ticks; tick++)
        {
            order.Shuffle(turns);
            foreach (Track track in turns)
            {
                cancellation.ThrowIfCancellationRequested();
                track.RunUntil((double)(tick + 1) / ticks);
            }
        }
    }

    /// <summary>One job on its way. Owns it.</summary>
    private sealed class Track(PhasedVariant variant) : IDisposable
    {
        private readonly IPhasedJob _job = variant.Begin();
        private readonly List<StepSample> _samples = [];
        private readonly List<double[]> _costs = [];
        private readonly List<double> _prompts = [];
        private Phase _phase;
        private bool _jumps;
        private int _done;

        /// <summary>Turns in the present phase.</summary>
        public int Planned => _samples[^1].Runs.Length * (_phase == Phase.Prompt ? variant.PromptTurns : 1);

        public void Enter(Phase phase)
        {
            _phase = phase;
            _done = 0;
            var sample = StepSample.Of(_job.StepsOf(phase), variant.MostSteps, InARow(phase));
            _jumps |= !sample.IsWhole;
            _samples.Add(sample);
            _costs.Add(new double[sample.Runs.Length]);
        }

        /// <summary>Has the turns that are due when such a share of the phase is done.</summary>
        public void RunUntil(double share)
        {
            StepSample sample = _samples[^1];
            for (int due = (int)Math.Round(share * Planned); _done < due; _done++)
            {
                if (_phase == Phase.Prompt)
                {
                    _costs[^1][0] = PromptCost();
                    continue;
                }

                int index = sample.IsWhole ? _done : Planned - 1 - _done;
                _costs[^1][index] = StepCost(sample.Runs[index]);
            }
        }

        public PhaseTimes Times() => new(_samples, [.. _samples.Select((sample, i) => sample.Total(_costs[i]))]);

        public void Dispose() => _job.Dispose();

        private int InARow(Phase phase) => phase == Phase.Tokens ? variant.TokensOfATurn : Turn.Steps;

        /// <summary>Runs the prompt once more.</summary>
        /// <returns>The median of the runs so far.</returns>
        private double PromptCost()
        {
            _job.Seek(Phase.Prompt, 0); // What the run before made is freed off the clock.
            _prompts.Add(Turn.Time(1, _ => _job.Step(Phase.Prompt, 0)));
            return Spread.Of(_prompts).Median;
        }

        private double StepCost(StepRun run)
        {
            if (_jumps)
            {
                _job.Seek(_phase, run.First);
            }

            return Turn.Time(run.Count, i => _job.Step(_phase, run.First + i));
        }
    }
}
