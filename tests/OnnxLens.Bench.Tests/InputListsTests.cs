using OnnxLens.Bench.Commands;
using OnnxLens.Testing;

namespace OnnxLens.Bench.Tests;

/// <summary>Lists of numbers that users give.</summary>
[TestClass]
public sealed class InputListsTests
{
    [TestMethod]
    public void Numbers_InAnyOrder_ComeAscendingAndOnce() => Assert.AreSequenceEqual(new[] { 8, 64 }, InputLists.Numbers("64, 8,64", "--lengths").ToArray());

    [TestMethod]
    [DataRow("")]
    [DataRow("8,")]
    [DataRow("8,x")]
    [DataRow("-8")]
    public void Numbers_SomethingElse_IsRefused(string text) =>
        Assert.Contains("--lengths", Assert.ThrowsExactly<SelectionException>(() => InputLists.Numbers(text, "--lengths")).Message);

    [TestMethod]
    public void Ids_JsonArray_IsRead()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["ids.json"], "[1, 306,\n4658]");
        Assert.AreSequenceEqual(new[] { 1, 306, 4658 }, InputLists.Ids(folder["ids.json"]).ToArray());
    }

    [TestMethod]
    [DataRow("[]")]
    [DataRow("null")]
    [DataRow("[1.5]")]
    [DataRow("{\"ids\": [1]}")]
    [DataRow("1 2 3")]
    public void Ids_SomethingElse_IsRefused(string content)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["ids.json"], content);
        Assert.Contains("[1, 306, 4658]", Assert.ThrowsExactly<BenchDataException>(() => InputLists.Ids(folder["ids.json"])).Message);
    }

    [TestMethod]
    public void Ids_NoFile_IsRefused() => Assert.ThrowsExactly<BenchDataException>(() => InputLists.Ids("nowhere.json"));
}
