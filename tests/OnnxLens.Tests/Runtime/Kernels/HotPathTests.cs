using System.Reflection;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Tests.Runtime.Kernels;

/// <summary>What is compiled at once with everything on stays as it was compiled: it is not put into its callers as well.</summary>
[TestClass]
public sealed class HotPathTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [TestMethod]
    public void Methods_OptimizedAtOnce_AreNeverInlined()
    {
        MethodImplAttributes hot = (MethodImplAttributes)HotPath.Options;
        MethodBase[] methods =
        [
            .. typeof(HotPath).Assembly.GetTypes()
                .SelectMany(type => type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))
                .Where(method => method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveOptimization)),
        ];

        Assert.IsNotEmpty(methods);
        Assert.IsEmpty(methods
            .Where(method => (method.MethodImplementationFlags & hot) != hot)
            .Select(method => $"{method.DeclaringType}.{method.Name}")
            .ToArray());
    }
}
