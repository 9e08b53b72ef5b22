using System.Diagnostics;
using OnnxLens.PageFixtures;

// One line for each group of pages: a class that writes them into a folder.
(string Name, Action<string> Write)[] groups =
[
    ("lens", LensFixtures.Write),
    ("demo", DemoFixtures.Write),
    ("sweep", SweepFixtures.Write),
    ("drift", DriftFixtures.Write),
];

if (args is not [string folder])
{
    Console.Error.WriteLine("Writes the pages that the browser tests open. Give one argument, the folder to write into.");
    return 1;
}

foreach ((string name, Action<string> write) in groups)
{
    var watch = Stopwatch.StartNew();
    write(folder);
    Console.WriteLine($"{name}: {watch.Elapsed.TotalSeconds:F1} s");
}

return 0;
