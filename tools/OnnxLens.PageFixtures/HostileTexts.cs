using System.Collections.Immutable;

namespace OnnxLens.PageFixtures;

/// <summary>Texts that a page must show and never obey. Those that are script set <c>globalThis.canary</c>, which a test looks at.</summary>
internal static class HostileTexts
{
    private const string Script = "globalThis.canary=1";

    /// <summary>As tokens; id is index.</summary>
    internal static ImmutableArray<string> All { get; } =
    [
        $"<script>{Script}</script>",
        $"</script><script>{Script}</script>",
        $"<img src=x onerror={Script}>",
        $"\" onmouseover=\"{Script}",
        $"' onfocus='{Script}' autofocus='",
        $"<svg onload={Script}>",
        $"javascript:{Script}",
        "<!--",
        "-->",
        "<!--<script>",
        "]]>",
        "</style><style>*{display:none}",
        "<base href=\"https://example.invalid/\">",
        "<meta http-equiv=\"refresh\" content=\"0;url=https://example.invalid/\">",
        "<link rel=stylesheet href=https://example.invalid/x.css>",
        "url(https://example.invalid/x.png)",
        "&lt;b&gt;&amp;&#0;&quot;",
        "${" + Script + "}{{" + Script + "}}",
        "%3Cscript%3E",
        "__proto__",
        "constructor",
        "toString",
        "=1+1",
        "@SUM(A1)",
        "-2+3",
        "a,b;c\td",
        "say \"hi\", 'ok' `no`",
        "\u202Eright to left override",
        "\u2066isolate\u2069\u202D",
        "\u0000",
        "\u0001\u0007\u0008\u001B[31mred\u001B[0m",
        "\u007F\u0085",
        "\uD800",
        "x\uDC00y",
        "\u200B",
        "\u200D\u200C\uFEFF\u2060",
        "",
        " ",
        "\u00A0",
        "\u3000",
        "\n",
        "\r",
        "\r\n",
        "a\nb\nc",
        "\u2028\u2029",
        "\t\t",
        "👩‍👩‍👧‍👦",
        "🇩🇪",
        "👍🏽",
        "e\u0301",
        "Z" + string.Concat(Enumerable.Repeat("\u0351\u0323", 60)),
        "שלום",
        "مرحبا بالعالم",
        "日本語",
        "ไทย",
        "\uFFFD",
        "\uFFFE\uFFFF",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
        new string('W', 10_240),
        string.Concat(Enumerable.Repeat("<b>", 3_400)),
        "NaN",
        "null",
        "-1",
    ];

    /// <summary>All of them in one text.</summary>
    internal static string Joined { get; } = string.Join('\n', All);
}
