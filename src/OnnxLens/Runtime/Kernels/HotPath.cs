using System.Runtime.CompilerServices;

namespace OnnxLens.Runtime.Kernels;

/// <summary>How methods are compiled that take the time: at once with everything on, and never in line.</summary>
/// <remarks>
/// .NET puts what is called often into the methods that call it, attribute or not, and so much is put into one that the vector operations
/// which come last are left as calls. Read-outs of the lens took twice as long a second after the start as before.
/// </remarks>
internal static class HotPath
{
    /// <summary>For <see cref="MethodImplAttribute"/>.</summary>
    public const MethodImplOptions Options = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
