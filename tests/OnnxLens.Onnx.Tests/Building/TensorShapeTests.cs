namespace OnnxLens.Onnx.Tests.Building;

[TestClass]
public sealed class TensorShapeTests
{
    [TestMethod]
    public void ToString_NumbersAndNames_AreListed() => Assert.AreEqual("[batch,3]", new TensorShape("batch", 3).ToString());

    [TestMethod]
    public void Count_NumbersOnly_IsTheirProductElseUnknown()
    {
        Assert.AreEqual(12, TensorShape.Of(3, 4).Count());
        Assert.AreEqual(1, TensorShape.Scalar.Count());
        Assert.IsNull(new TensorShape("batch", 3).Count());
    }

    [TestMethod]
    public void Equals_SameDimensions_IsTrue()
    {
        Assert.AreEqual(new TensorShape("batch", 3), new TensorShape("batch", 3));
        Assert.AreEqual(new TensorShape("batch", 3).GetHashCode(), new TensorShape("batch", 3).GetHashCode());
        Assert.AreNotEqual(new TensorShape("batch", 3), new TensorShape("batch", 4));
        Assert.AreNotEqual(new TensorShape("batch"), new TensorShape("rows"));
    }

    [TestMethod]
    public void WithLast_AnotherDimension_ReplacesTheInnermost()
    {
        Assert.AreEqual(new TensorShape("batch", 5), new TensorShape("batch", 3).WithLast(5));
        Assert.ThrowsExactly<InvalidOperationException>(() => TensorShape.Scalar.WithLast(5));
    }

    [TestMethod]
    public void Of_NegativeSize_Throws() => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TensorShape.Of(-1));
}
