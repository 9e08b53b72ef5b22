using System.Collections.Immutable;
using System.Numerics.Tensors;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Tests.Sweeps;

[TestClass]
public sealed class ControlVectorsTests
{
    private static readonly HookPoint Point = new(Site.MlpIn, 3);

    [TestMethod]
    public void Random_Vectors_HaveTheNormAndPointAnywhere()
    {
        SweepVector vector = Vector(Point);
        ImmutableArray<SweepVector> random = ControlVectors.Random(vector, 200, seed: 0);
        Assert.HasCount(200, random);
        double norm = TensorPrimitives.Norm(vector.Values.AsSpan());
        double[] cosines = [.. random.Select(control => TensorPrimitives.CosineSimilarity(control.Values.AsSpan(), vector.Values.AsSpan()))];
        foreach (SweepVector control in random)
        {
            Assert.AreEqual(Point, control.Point);
            Assert.AreEqual(norm, TensorPrimitives.Norm(control.Values.AsSpan()), 1e-5);
        }

        // In H dimensions the cosine of a uniform direction has mean 0 and standard deviation 1/√H.
        double spread = 1 / Math.Sqrt(vector.Values.Length);
        Assert.AreEqual(0, cosines.Average(), 4 * spread / Math.Sqrt(cosines.Length));
        Assert.AreEqual(spread, Math.Sqrt(cosines.Average(cosine => cosine * cosine)), 0.25 * spread);
    }

    [TestMethod]
    public void Random_SameSeed_IsTheSameAndALongerListBeginsWithAShorter()
    {
        ImmutableArray<SweepVector> few = ControlVectors.Random(Vector(Point), 3, seed: 5);
        ImmutableArray<SweepVector> more = ControlVectors.Random(Vector(Point), 20, seed: 5);
        for (int i = 0; i < few.Length; i++)
        {
            Assert.AreSequenceEqual(few[i].Values.ToArray(), more[i].Values.ToArray());
        }
    }

    [TestMethod]
    public void Random_OtherSeedLayerOrSite_IsAnother()
    {
        float[][] firsts =
        [
            .. new[] { (Point, 0ul), (Point, 1ul), (new HookPoint(Site.MlpIn, 4), 0ul), (new HookPoint(Site.ResidPost, 3), 0ul), (Point, ulong.MaxValue) }
                .SelectMany(which => ControlVectors.Random(Vector(which.Item1), 2, which.Item2)).Select(control => control.Values.ToArray()),
        ];
        Assert.HasCount(firsts.Length, firsts.Select(values => values[0]).Distinct().ToArray());
    }

    [TestMethod]
    public void Random_ZeroVectorAndNone_AreNoTrouble()
    {
        Assert.IsEmpty(ControlVectors.Random(Vector(Point), 0, seed: 0));
        Assert.IsTrue(ControlVectors.Random(new SweepVector("zero", Point, [0, 0, 0]), 2, seed: 0).All(control => control.Values.All(value => value == 0)));
    }

    [TestMethod]
    [DataRow("bold", false, false)]
    [DataRow("shuffled", false, false)]
    [DataRow("letter", false, false)]
    [DataRow("random:3", false, false)]
    [DataRow("folder/bold.gguf", false, false)]
    [DataRow("bold/shuffled", true, false)]
    [DataRow("bold/letter", true, false)]
    [DataRow("bold/random:0", true, true)]
    [DataRow("folder/bold/random:19", true, true)]
    public void IsControl_Names_AreTold(string name, bool control, bool random)
    {
        Assert.AreEqual(control, ControlVectors.IsControl(name));
        Assert.AreEqual(random, ControlVectors.IsRandom(name));
    }

    [TestMethod]
    public void Subject_OfEachControl_IsItsVector()
    {
        Assert.AreEqual("a/b", ControlVectors.Subject(ControlVectors.NameOf("a/b", ControlVectors.Shuffled)));
        Assert.AreEqual("bold", ControlVectors.Subject(ControlVectors.Random(Vector(Point), 1, seed: 0).Single().Name));
        Assert.AreEqual("bold/random:0", ControlVectors.Random(Vector(Point), 1, seed: 0).Single().Name);
    }

    private static SweepVector Vector(HookPoint point) => new("bold", point, [.. Enumerable.Range(1, 64).Select(i => i / 10f)]);
}
