using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Steering;

namespace OnnxLens.Tests.Steering;

[TestClass]
public sealed class VectorMathTests
{
    private static readonly SteeringVector First = VectorFiles.Vector(Site.MlpIn, (1, [3, 4]), (2, [1, 0]), (5, [0, 2]));
    private static readonly SteeringVector Second = VectorFiles.Vector(Site.MlpIn, (1, [1, 0]), (2, [-2, 0]), (7, [1, 1]));

    [TestMethod]
    public void Norms_EachLayer_IsEuclideanEvenWhereSquaresOverflowSingles()
    {
        Assert.AreSequenceEqual([5d, 1d, 2d], VectorMath.Norms(First).Values.ToArray());
        Assert.AreEqual(5e30, VectorMath.Norms(VectorFiles.Vector(Site.MlpIn, (0, [3e30f, 4e30f])))[0], 1e24);
    }

    [TestMethod]
    public void Sum_Weights_AddAtCommonLayersAndSayTheOthers()
    {
        CombinedVector sum = VectorMath.Sum([(First, 2), (Second, -0.5)]);

        Assert.AreSequenceEqual([1, 2], sum.Vector.Layers.Keys.ToArray());
        Assert.AreSequenceEqual([5.5f, 8f], sum.Vector.Layers[1].ToArray());
        Assert.AreSequenceEqual([3f, 0f], sum.Vector.Layers[2].ToArray());
        Assert.AreSequenceEqual([5, 7], sum.LeftOut.ToArray());
        Assert.AreEqual($"combine 2*{First.Hash[..12]} + -0.5*{Second.Hash[..12]}", sum.Vector.Origin!.Method);
    }

    [TestMethod]
    public void Combined_Origins_KeepWhatIsSharedAndNestExpressions()
    {
        SteeringVector a = Of(First, new VectorOrigin { Model = "llama", BundleHash = "x", Method = "pca", Dataset = "d" });
        SteeringVector b = Of(Second, new VectorOrigin { Model = "llama", BundleHash = "y" });

        SteeringVector unit = VectorMath.Normalise(VectorMath.Sum([(a, 1), (b, 1)]).Vector);

        Assert.AreEqual("llama", unit.Origin!.Model);
        Assert.IsNull(unit.Origin.BundleHash);
        Assert.IsNull(unit.Origin.Dataset);
        Assert.AreEqual($"combine (1*{a.Hash[..12]} + 1*{b.Hash[..12]}) to norm 1", unit.Origin.Method);
    }

    [TestMethod]
    public void Orthogonalise_CommonLayers_LeavesNothingAlongTheOther()
    {
        CombinedVector left = VectorMath.Orthogonalise(First, Second);

        Assert.AreSequenceEqual([0f, 4f], left.Vector.Layers[1].ToArray());
        Assert.AreSequenceEqual([0f, 0f], left.Vector.Layers[2].ToArray());
        Assert.AreSequenceEqual([5, 7], left.LeftOut.ToArray());
        SteeringVector zero = VectorFiles.Vector(Site.MlpIn, (1, [0, 0]));
        Assert.AreSequenceEqual([3f, 4f], VectorMath.Orthogonalise(First, zero).Vector.Layers[1].ToArray());
    }

    [TestMethod]
    public void Orthogonalise_ParallelUpToRounding_IsZeroNotNoise()
    {
        float[] values = [.. Enumerable.Range(1, 64).Select(i => 0.1f * i)];
        SteeringVector a = VectorFiles.Vector(Site.MlpIn, (0, values));
        SteeringVector b = VectorFiles.Vector(Site.MlpIn, (0, [.. values.Select(value => value / 3)]));

        SteeringVector left = VectorMath.Orthogonalise(a, b).Vector;

        Assert.IsTrue(left.Layers[0].All(value => value == 0));
        Assert.Contains("'mlp_in.0' is zero", Assert.ThrowsExactly<SelectionException>(() => VectorMath.Normalise(left)).Message);
    }

    [TestMethod]
    public void Normalise_Norm_IsReachedAtEveryLayer()
    {
        Assert.AreSequenceEqual([0.6f, 0.8f], VectorMath.Normalise(First).Layers[1].ToArray());
        Assert.AreSequenceEqual([0f, 10f], VectorMath.Normalise(First, 10).Layers[5].ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VectorMath.Normalise(First, 0));
    }

    [TestMethod]
    public void Cosines_SitesMayDiffer_AndZeroHasNone()
    {
        SteeringVector other = VectorFiles.Vector(Site.ResidPost, (1, [3, 4]), (2, [0, 0]), (5, [1, 1]), (9, [1, 1]));

        ImmutableSortedDictionary<int, double> cosines = VectorMath.Cosines(First, other);

        Assert.AreSequenceEqual([1, 2, 5], cosines.Keys.ToArray());
        Assert.AreEqual(1, cosines[1]);
        Assert.AreEqual(double.NaN, cosines[2]);
        Assert.AreEqual(Math.Sqrt(0.5), cosines[5], 1e-12);
        Assert.AreEqual((1 + Math.Sqrt(0.5)) / 2, VectorMath.MeanAgreement(First, other), 1e-12);
        Assert.AreEqual(-0.2, VectorMath.MeanAgreement(First, Second), 1e-12);
        SteeringVector zero = VectorFiles.Vector(Site.MlpIn, (1, [0, 0]));
        Assert.AreEqual(double.NaN, VectorMath.MeanAgreement(First, zero));
    }

    [TestMethod]
    public void VectorsThatDoNotGoTogether_AreRefused()
    {
        SteeringVector wide = VectorFiles.Vector(Site.MlpIn, (1, [1, 2, 3]));
        SteeringVector elsewhere = VectorFiles.Vector(Site.AttnIn, (1, [1, 2]));
        SteeringVector later = VectorFiles.Vector(Site.MlpIn, (30, [1, 2]));

        Assert.Contains("2 values per layer, another 3", Refusal(() => VectorMath.Sum([(First, 1), (wide, 1)])));
        Assert.Contains("'mlp_in' cannot be combined with one at 'attn_in'", Refusal(() => VectorMath.Orthogonalise(First, elsewhere)));
        Assert.Contains("no layer in common: mlp_in 1, 2, 5; mlp_in 30", Refusal(() => VectorMath.Cosines(First, later)));
        Assert.Contains("NaN of a vector is not finite", Refusal(() => VectorMath.Scale(First, double.NaN)));
        Assert.Contains("'mlp_in.1'", Refusal(() => VectorMath.Scale(First, 1e39)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VectorMath.Sum([]));
    }

    [TestMethod]
    public void RequireFits_OtherModel_HasBothNumbers()
    {
        First.RequireFits(VectorFiles.Facts(6, 2), "v");

        Assert.Contains("'v' has 2 values per layer, but the model's hidden size is 64", Refusal(() => First.RequireFits(VectorFiles.Facts(6, 64), "v")));
        Assert.Contains("'v' has a vector at 'mlp_in.5', but the model has layers 0 to 4", Refusal(() => First.RequireFits(VectorFiles.Facts(5, 2), "v")));
    }

    [TestMethod]
    public void RequireFits_OtherFamily_IsRefusedWhereABundleNamedIt()
    {
        string family = VectorFiles.Facts(6, 2).Family;
        Of(First, new VectorOrigin { Model = family, BundleHash = "x" }).RequireFits(VectorFiles.Facts(6, 2), "v");
        Of(First, new VectorOrigin { Model = "other" }).RequireFits(VectorFiles.Facts(6, 2), "v");

        Assert.Contains(
            $"'v' was made on a model of the family 'other', but this one is of '{family}'",
            Refusal(() => Of(First, new VectorOrigin { Model = "other", BundleHash = "x" }).RequireFits(VectorFiles.Facts(6, 2), "v")));
    }

    [TestMethod]
    public void SteeringVector_ValueThatIsNotFinite_IsRefused() =>
        Assert.Contains("'mlp_in.3' has NaN as value 1", Refusal(() => VectorFiles.Vector(Site.MlpIn, (3, [1, float.NaN]))));

    private static SteeringVector Of(SteeringVector vector, VectorOrigin origin) => new(vector.Site, vector.Layers, origin);

    private static string Refusal(Action act) => Assert.ThrowsExactly<SelectionException>(act).Message;
}
