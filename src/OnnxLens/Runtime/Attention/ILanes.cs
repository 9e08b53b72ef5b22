namespace OnnxLens.Runtime.Attention;

/// <summary>Vectors of the width that a processor has. What is computed lane by lane has the same bits in any of them.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Numbers in a vector.</summary>
    public static abstract int Count { get; }

    /// <summary>Reads a vector; aligned to nothing.</summary>
    public static abstract TVector Load(float* source);

    /// <summary>Writes a vector; aligned to nothing.</summary>
    public static abstract void Store(TVector vector, float* destination);

    /// <summary>One number in every lane.</summary>
    public static abstract TVector Fill(float value);

    /// <summary>a·b + c, rounded once.</summary>
    public static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>a·b.</summary>
    public static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a − b.</summary>
    public static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>The larger of both; b where one is not a number.</summary>
    public static abstract TVector Max(TVector a, TVector b);

    /// <summary>2^n, with n, −126 to 0, in the last bits of a number as <see cref="Exponential{TLanes, TVector}"/> has it.</summary>
    public static abstract TVector PowerOfTwo(TVector whole);

    /// <summary>0 where a is less than b, else the value.</summary>
    public static abstract TVector ZeroWhereLess(TVector a, TVector b, TVector value);

    /// <summary>a / b.</summary>
    public static abstract TVector Divide(TVector a, TVector b);

    /// <summary>Puts e^(score − most) in place of scores.</summary>
    /// <param name="scores">[<paramref name="count"/>].</param>
    /// <param name="count">A multiple of 16.</param>
    /// <param name="most">The largest.</param>
    /// <returns>Their sum: 16 sums of every 16th, then halves to halves.</returns>
    public static abstract float Exponentiate(float* scores, int count, float most);

    /// <summary>The largest of some scores.</summary>
    /// <param name="scores">[<paramref name="count"/>].</param>
    /// <param name="count">A multiple of 16.</param>
    public static abstract float Most(float* scores, int count);
}
