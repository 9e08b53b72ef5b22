using OnnxLens.Runtime.Head;

namespace OnnxLens.Tests.Runtime;

[TestClass]
public sealed class TopTokensTests
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(7, 7)]
    [DataRow(33, 2)]
    [DataRow(300, 5)]
    [DataRow(300, 100)]
    [DataRow(5003, 1)]
    [DataRow(5003, 5)]
    [DataRow(5003, 40)]
    [DataRow(5003, 5003)]
    public void Read_AnyRow_AreTheLargestTiesByLowerId(int vocabulary, int k)
    {
        var top = new TopTokens(k);
        var random = new Random(vocabulary + k);
        foreach (int values in new[] { 1, 3, 50, 1_000_000 })
        {
            float[] row = [.. Enumerable.Range(0, vocabulary).Select(_ => (random.Next(values) - (values / 2)) / 8f)];
            AssertLargest(top, row);
            AssertLargest(top, [.. row.Order()]);
            AssertLargest(top, [.. row.OrderDescending()]);
            AssertLargest(top, [.. row.Select((logit, id) => id % 7 == 3 ? logit : float.NegativeInfinity)]);
            AssertLargest(top, [.. row.Select((logit, id) => id == vocabulary / 2 ? logit : float.NegativeInfinity)]);
        }

        AssertLargest(top, [.. Enumerable.Repeat(float.NegativeInfinity, vocabulary)]);
        AssertLargest(top, [.. Enumerable.Range(0, vocabulary).Select(id => id % 5 == 4 ? float.PositiveInfinity : float.MaxValue)]);
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(300)]
    public void Read_RowsWithNaNs_GivesSomeTokensAndReadsTheNextRow(int k)
    {
        var top = new TopTokens(k);
        float[] row = [.. Enumerable.Range(0, 300).Select(id => id % 3 == 0 ? float.NaN : id)];
        top.Read(row);
        Assert.AreEqual(k, top.Ids.ToArray().Distinct().Count(), "tokens");
        top.Read([.. Enumerable.Repeat(float.NaN, 300)]);
        Assert.AreEqual(k, top.Ids.ToArray().Distinct().Count(), "tokens of a row of NaNs");
        AssertLargest(top, [.. Enumerable.Range(0, 300).Select(id => (float)id)]);
    }

    private static void AssertLargest(TopTokens top, float[] row)
    {
        int[] expected = [.. row.Select((logit, id) => (logit, id)).OrderByDescending(pair => pair.logit).ThenBy(pair => pair.id).Take(top.Count).Select(pair => pair.id)];
        top.Read(row);
        CollectionAssert.AreEqual(expected, top.Ids.ToArray(), "ids");
        CollectionAssert.AreEqual(expected.Select(id => row[id]).ToArray(), top.Logits.ToArray(), "logits");
    }
}
