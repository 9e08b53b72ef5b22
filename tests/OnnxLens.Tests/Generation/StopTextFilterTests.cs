using OnnxLens.Generation;

namespace OnnxLens.Tests.Generation;

[TestClass]
public sealed class StopTextFilterTests
{
    [TestMethod]
    [DataRow("abcSTOPdef", "abc")]
    [DataRow("abcSTO", "abcSTO")]
    [DataRow("STOP", "")]
    [DataRow("SSTOP", "S")]
    [DataRow("aENDSTOP", "a")]
    [DataRow("STSTOP", "ST")]
    [DataRow("nothing", "nothing")]
    public void Push_InAnyPieces_EndsBeforeTheFirstStopText(string text, string expected)
    {
        for (int size = 1; size <= text.Length; size++)
        {
            var filter = new StopTextFilter(["STOP", "END"]);
            string passed = string.Concat(text.Chunk(size).Select(piece => filter.Push(new string(piece)))) + filter.Flush();
            Assert.AreEqual(expected, passed, $"pieces of {size}");
            Assert.AreEqual(expected != text, filter.Stopped);
        }
    }

    [TestMethod]
    public void Push_NoStopTexts_PassesAtOnce() => Assert.AreEqual("STO", new StopTextFilter([]).Push("STO"));

    [TestMethod]
    public void Push_BeginningOfStopText_IsHeldBack()
    {
        var filter = new StopTextFilter(["STOP"]);
        Assert.AreEqual("a", filter.Push("aST"));
        Assert.AreEqual("STX", filter.Push("X"));
    }
}
