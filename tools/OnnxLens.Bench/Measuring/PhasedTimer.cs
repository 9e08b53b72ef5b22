using System.Diagnostics;

namespace OnnxLens.Bench.Measuring;

/// <summary>
/// Times jobs phase by phase, their steps in turn, so that whatever else the machine does falls on all of them alike. Jobs with fewer measured
/// steps than others have them spread over the phase.
/// </summary>
/// <remarks>
/// The order of the turns is drawn anew each time, the same in every run: in a fixed one each job would always meet the caches that the same other job leaves.
/// A job that is not measured whole goes through a phase from its last measured step to its first, for rewinding is cheaper than running on.
/// </remarks>
internal static class PhasedTimer
{
    private const int WarmSteps = 2;

    /// <summary>Runs a few steps of every variant unmeasured, then so many repeats.</summary>
    /// <returns>[variant][repeat].</returns>
    public static PhaseTimes[][] Measure(IReadOnlyList<PhasedVariant> variants, int repeats, CancellationToken cancellation)
    {
        Repeat([.. variants.Select(variant => variant with { MostSteps = WarmSteps })], 0, cancellation);
        PhaseTimes[][] rounds = [.. Enumerable.Range(0, repeats).Select(repeat => Repeat(variants, repeat, cancellation))];
        return [.. variants.Select((_, i) => rounds.Select(round => round[i]).ToArray())];
    }

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
                tracks.Add(new Track(variant.Begin(), variant.MostSteps));
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
    private sealed class Track(IPhasedJob job, int most) : IDisposable
    {
        private readonly List<StepSample> _samples = [];
        private readonly List<double[]> _costs = [];
        private Phase _phase;
        private bool _jumps;
        private int _done;

        /// <summary>Steps to be measured in the present phase.</summary>
        public int Planned => _samples[^1].Chosen.Length;

        public void Enter(Phase phase)
        {
            _phase = phase;
            _done = 0;
            var sample = StepSample.Of(job.StepsOf(phase), most);
            _jumps |= !sample.IsWhole;
            _samples.Add(sample);
            _costs.Add(new double[sample.Chosen.Length]);
        }

        /// <summary>Does the steps that are due when such a share of the phase is done.</summary>
        public void RunUntil(double share)
        {
            StepSample sample = _samples[^1];
            for (int due = (int)Math.Round(share * Planned); _done < due; _done++)
            {
                int index = sample.IsWhole ? _done : Planned - 1 - _done;
                int step = sample.Chosen[index];
                if (_jumps)
                {
                    job.Seek(_phase, step);
                }

                long start = Stopwatch.GetTimestamp();
                job.Step(_phase, step);
                _costs[^1][index] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        public PhaseTimes Times() => new(_samples, [.. _samples.Select((sample, i) => sample.Total(_costs[i]))]);

        public void Dispose() => job.Dispose();
    }
}
