using System.Diagnostics;

namespace OnnxLens.Tests.Tokenization.ChatTemplates;

/// <summary>Templates that mean harm are refused in a moment: none hangs, fills the memory or overflows the stack.</summary>
[TestClass]
public sealed class HostileTemplateTests
{
    private const string Endless = "has used up the work";
    private const string TooLong = "a text of more than 16777216 characters";
    private const string TooManyParts = "more than 1000 parts within each other";
    private const string TooDeep = "too deep for the stack";

    [TestMethod]
    [DataRow("{% for i in range(10**9) %}{% endfor %}", "Range too big")]
    [DataRow("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", Endless)]
    [DataRow("{{ 'a' * 10**9 }}", TooLong)]
    [DataRow("{{ [0] * 10**9 }}", "a list of more than 1048576 items")]
    [DataRow("{{ 10 ** 99999 }}", "a number of more than 16384 bits")]
    [DataRow("{% set n = namespace(x=3) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}", "a number of more than 16384 bits")]
    [DataRow("{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}", TooLong)]
    [DataRow("{% set n = namespace(x='a' * 10**7) %}{% for i in range(9999) %}{% set n.x = n.x[1:] ~ 'b' %}{% endfor %}", Endless)]
    [DataRow("{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}", TooLong)]
    [DataRow("{{ range(99999) | join('x' * 1000) }}", TooLong)]
    [DataRow("{{ 'a' | center(10**9) }}{{ 'a'.zfill(10**9) }}", TooLong)]
    [DataRow("{{ '%999999999d' % 1 }}", TooLong)]
    [DataRow("{{ '{:999999999}'.format(1) }}", TooLong)]
    [DataRow("{{ '%.999999999f' % 1.5 }}", "1000 is the most")]
    [DataRow("{{ [[1]] | tojson(indent=10**9) }}", TooLong)]
    [DataRow("{% set a = 'a' * 8000000 %}{{ ('a' * 4000000 ~ 'b') in a }}", Endless)]
    [DataRow("{% set x = range(99999) | list %}{% for i in x %}{{ -1 in x }}{% endfor %}", Endless)]
    [DataRow("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "calls nest more than 200 deep")]
    [DataRow("{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}", "calls nest more than 200 deep")]
    [DataRow("{% set n = namespace() %}{% set n.n = n %}{{ n }}", TooDeep)]
    [DataRow("{% set n = namespace(x=[]) %}{% for i in range(90000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x }}", TooDeep)]
    [DataRow("{% set n = namespace(x=[]) %}{% for i in range(90000) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x | tojson }}", TooDeep)]
    [DataRow("{% set n = namespace(x=(), y=()) %}{% for i in range(90000) %}{% set n.x = (n.x,) %}{% set n.y = (n.y,) %}{% endfor %}{{ n.x == n.y }}", TooDeep)]
    [DataRow("{% set n = namespace(x=()) %}{% for i in range(90000) %}{% set n.x = (n.x,) %}{% endfor %}{{ {n.x: 1} }}", TooDeep)]
    [DataRow("{% set n = namespace(x=[1]) %}{% for i in range(90000) %}{% set n.x = n.x | map('string') %}{% endfor %}{{ n.x | list }}", TooDeep)]
    [DataRow("{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}", Endless)]
    [DataRow("{% set n = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}", Endless)]
    public void Render_TooMuchOfSomething_IsRefusedInAMoment(string template, string cause) => AssertRefused(template, cause);

    [TestMethod]
    [DataRow("{{ ", "(", "1", ")", " }}", "nest more than 100 deep")]
    [DataRow("{{ ", "[", "", "]", " }}", "nest more than 100 deep")]
    [DataRow("{{ ", "not ", "1", "", " }}", TooManyParts)]
    [DataRow("{{ ", "-", "1", "", " }}", TooManyParts)]
    [DataRow("{{ ", "1+", "1", "", " }}", TooManyParts)]
    [DataRow("{{ 1", "|string", "", "", " }}", TooManyParts)]
    [DataRow("{{ x", ".a", "", "", " }}", TooManyParts)]
    [DataRow("{{ range", "()", "", "", " }}", TooManyParts)]
    [DataRow("{{ ", "1 if 0 else ", "2", "", " }}", "nest more than 100 deep")]
    [DataRow("", "{% if 1 %}", "", "{% endif %}", "", "nest more than 100 deep")]
    [DataRow("", "{% for x in y %}", "", "{% endfor %}", "", "nest more than 100 deep")]
    public void Parse_NestedBeyondReason_IsRefusedInAMoment(string before, string open, string middle, string close, string after, string cause) =>
        AssertRefused(before + Repeat(open) + middle + Repeat(close) + after, cause);

    [TestMethod]
    public void Render_LongButHarmless_IsRendered()
    {
        Assert.AreEqual("", Chats.Render("{% if 0 %}" + Repeat("{% elif 0 %}", 10_000) + "{% endif %}"));
        Assert.AreEqual("{", Chats.Render("{"));
        Assert.AreEqual(Repeat("{ ", 100_000), Chats.Render(Repeat("{ ", 100_000)));
        Assert.AreEqual(1_000_000, Chats.Render("{% for i in range(1000) %}{{ 'x' * 1000 }}{% endfor %}").Length);
    }

    private static void AssertRefused(string template, string cause)
    {
        var clock = Stopwatch.StartNew();
        Assert.Contains(cause, Chats.Refusal(template).Message);
        Assert.IsLessThan(TimeSpan.FromSeconds(30), clock.Elapsed);
    }

    private static string Repeat(string text, int count = 50_000) => string.Concat(Enumerable.Repeat(text, count));
}
