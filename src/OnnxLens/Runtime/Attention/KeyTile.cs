using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Attention;

/// <summary>The keys of some positions, turned, so that one vector holds the same place of many keys.</summary>
internal static unsafe class KeyTile
{
    /// <summary>Positions of a tile. Where there are fewer, what stands for the others is not told.</summary>
    public const int Positions = 64;

    private const int Lanes = 8;
    private const int PositionsAhead = 32;
    private const int LineBytes = 64;

    /// <summary>Turns keys.</summary>
    /// <param name="keys">fp32 [<paramref name="count"/>,<paramref name="width"/>].</param>
    /// <param name="count">Positions, at most <see cref="Positions"/>.</param>
    /// <param name="width">Width of a head, D.</param>
    /// <param name="tile">fp32 [<paramref name="width"/>,<see cref="Positions"/>].</param>
    /// <param name="values">The values of the same positions, which are asked for: they are read next.</param>
    [MethodImpl(HotPath.Options)]
    public static void Turn(float* keys, int count, int width, float* tile, float* values)
    {
        int wholeCount = count / Lanes * Lanes;
        int wholeWidth = width / Lanes * Lanes;
        for (int position = 0; position < wholeCount; position += Lanes)
        {
            Ask(keys + ((long)(position + PositionsAhead) * width), width);
            Ask(values + ((long)position * width), width);
            for (int place = 0; place < wholeWidth; place += Lanes)
            {
                TurnEight(keys + ((long)position * width) + place, width, tile + (place * Positions) + position);
            }

            TurnOneByOne(keys, position, position + Lanes, wholeWidth, width, tile);
        }

        TurnOneByOne(keys, wholeCount, count, 0, width, tile);
    }

    [MethodImpl(HotPath.Options)]
    private static void TurnOneByOne(float* keys, int from, int to, int place, int width, float* tile)
    {
        for (int position = from; position < to; position++)
        {
            for (int i = place; i < width; i++)
            {
                tile[(i * Positions) + position] = keys[((long)position * width) + i];
            }
        }
    }

    /// <summary>Asks for as many positions as are turned together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask(float* first, int width)
    {
        byte* end = (byte*)(first + (Lanes * width));
        for (byte* line = (byte*)first; line < end; line += LineBytes)
        {
            Sse.Prefetch1(line);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnEight(float* keys, int width, float* tile)
    {
        Vector256<float> r0 = Vector256.Load(keys);
        Vector256<float> r1 = Vector256.Load(keys + width);
        Vector256<float> r2 = Vector256.Load(keys + (2 * width));
        Vector256<float> r3 = Vector256.Load(keys + (3 * width));
        Vector256<float> r4 = Vector256.Load(keys + (4 * width));
        Vector256<float> r5 = Vector256.Load(keys + (5 * width));
        Vector256<float> r6 = Vector256.Load(keys + (6 * width));
        Vector256<float> r7 = Vector256.Load(keys + (7 * width));
        Vector256<double> a0 = Avx.UnpackLow(r0, r1).AsDouble();
        Vector256<double> a1 = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> a2 = Avx.UnpackLow(r2, r3).AsDouble();
        Vector256<double> a3 = Avx.UnpackHigh(r2, r3).AsDouble();
        Vector256<double> a4 = Avx.UnpackLow(r4, r5).AsDouble();
        Vector256<double> a5 = Avx.UnpackHigh(r4, r5).AsDouble();
        Vector256<double> a6 = Avx.UnpackLow(r6, r7).AsDouble();
        Vector256<double> a7 = Avx.UnpackHigh(r6, r7).AsDouble();
        Store(Avx.UnpackLow(a0, a2), Avx.UnpackLow(a4, a6), tile);
        Store(Avx.UnpackHigh(a0, a2), Avx.UnpackHigh(a4, a6), tile + Positions);
        Store(Avx.UnpackLow(a1, a3), Avx.UnpackLow(a5, a7), tile + (2 * Positions));
        Store(Avx.UnpackHigh(a1, a3), Avx.UnpackHigh(a5, a7), tile + (3 * Positions));
    }

    /// <summary>A place of all eight keys, and the place four further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<double> firstFour, Vector256<double> lastFour, float* tile)
    {
        Avx.Permute2x128(firstFour, lastFour, 0x20).AsSingle().Store(tile);
        Avx.Permute2x128(firstFour, lastFour, 0x31).AsSingle().Store(tile + (4 * Positions));
    }
}
