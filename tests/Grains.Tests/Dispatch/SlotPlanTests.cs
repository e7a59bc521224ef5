using CsCheck;
using Krewe.Dispatch;
using Xunit;

namespace Krewe.Grains.Tests.Dispatch;

public sealed class SlotPlanTests
{
    [Fact]
    public void Next_WhenAllQueuesAreBusy_ServesThemByWeight()
    {
        var plan = SlotPlan.ForAll(1, SlotPlan.DefaultWeight);
        var served = new Dictionary<string, int> { ["critical"] = 0, ["default"] = 0, ["low"] = 0 };
        for (var i = 0; i < 1_600; i++)
        {
            var (queue, slots) = plan.Next(served.Keys.ToList())!.Value;
            Assert.Equal(1, slots);
            served[queue]++;
            plan.Served(queue, 1, 1);
            plan.Release(queue, 1);
        }

        Assert.Equal((1_000, 500, 100), (served["critical"], served["default"], served["low"]));
    }

    [Fact]
    public void Next_WhenAQueueWasIdle_CatchesUpOnNothing()
    {
        var plan = SlotPlan.ForAll(1, _ => 1);
        for (var i = 0; i < 100; i++)
        {
            Serve(plan, ["a"]);
        }

        var order = string.Concat(Enumerable.Range(0, 6).Select(_ => Serve(plan, ["a", "b"])));
        Assert.InRange(order.Count(queue => queue == 'b'), 3, 4);
    }

    [Fact]
    public void Next_WhenNoSlotIsFree_IsNothing()
    {
        var plan = SlotPlan.ForAll(2, _ => 1);

        Assert.Equal(("a", 2), plan.Next(["a"]));
        Assert.Null(plan.Next(["a", "b"]));
        plan.Release("a", 1);
        Assert.Equal(("b", 1), plan.Next(["b"]));
    }

    [Fact]
    public void Next_WhenQueuesHaveSlotsOfTheirOwn_NeverLendsThem()
    {
        var plan = SlotPlan.ForEach(new Dictionary<string, int> { ["critical"] = 4, ["default"] = 8 });

        Assert.Equal((12, false), (plan.Total, plan.Serves("low")));
        Assert.Equal(("critical", 4), plan.Next(["critical"]));
        Assert.Null(plan.Next(["critical"]));
        Assert.Equal(("default", 8), plan.Next(["critical", "default"]));
    }

    [Fact]
    public void Slots_WhateverHappens_AreNeverLostOrMade()
    {
        Gen.Select(Gen.Int[1, 50], Gen.Select(Gen.Int[0, 2].Select(index => KreweOptions.BuiltInQueues[index]), Gen.Int[0, 50]).Array[0, 40]).Sample((slots, rounds) =>
        {
            var plan = SlotPlan.ForAll(slots, SlotPlan.DefaultWeight);
            var taken = new List<(string Queue, int Slots)>();
            foreach (var (queue, got) in rounds)
            {
                if (plan.Next([queue]) is { } next)
                {
                    var used = Math.Min(got, next.Slots);
                    plan.Served(next.Queue, next.Slots, used);
                    taken.Add((next.Queue, used));
                }
                else if (taken.Count > 0)
                {
                    plan.Release(taken[0].Queue, taken[0].Slots);
                    taken.RemoveAt(0);
                }

                Assert.Equal(slots, plan.Free("any") + taken.Sum(entry => entry.Slots));
                Assert.InRange(plan.Free("any"), 0, slots);
            }
        });
    }

    private static string Serve(SlotPlan plan, List<string> withWork)
    {
        var (queue, slots) = plan.Next(withWork)!.Value;
        plan.Served(queue, slots, slots);
        plan.Release(queue, slots);
        return queue;
    }
}
