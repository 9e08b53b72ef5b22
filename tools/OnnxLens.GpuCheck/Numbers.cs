using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.GpuCheck;

/// <summary>How far rows of numbers are apart.</summary>
internal static class Numbers
{
    /// <summary>The largest difference, over the largest magnitude of what was expected; infinite where a number is none.</summary>
    public static double Relative(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double largest = 0;
        double scale = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)expected[i] - actual[i]);
            largest = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(largest, difference);
            scale = Math.Max(scale, Math.Abs(expected[i]));
        }

        return largest / scale;
    }

    /// <summary>A captured value at every position, [S,H] row-major.</summary>
    public static float[] Rows(ModelRun run, HookPoint point, int hiddenSize)
    {
        int length = run.Captures.Length();
        float[] rows = new float[length * hiddenSize];
        for (int position = 0; position < length; position++)
        {
            run.Captures.Read(point, 0, position, rows.AsSpan(position * hiddenSize, hiddenSize));
        }

        return rows;
    }

    /// <summary>Share of positions at which two lists of ids agree.</summary>
    public static double Agreement(ReadOnlySpan<int> expected, ReadOnlySpan<int> actual)
    {
        int same = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            same += expected[i] == actual[i] ? 1 : 0;
        }

        return (double)same / expected.Length;
    }
}
