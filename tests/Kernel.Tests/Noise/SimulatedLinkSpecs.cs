using AkkaOverlay.Kernel.Noise;
using Xunit.Abstractions;

namespace AkkaOverlay.Kernel.Tests.Noise;

/// <summary>
/// Two hosts on a link that loses, doubles, delays and reorders, with an attacker on it and restarts, under virtual time. Whatever happens, what is
/// delivered was sent and comes once; and when the link is well again both hosts soon use one session.
/// </summary>
public sealed class SimulatedLinkSpecs(ITestOutputHelper output)
{
    private const int Seeds = 300;

    private static readonly TimeSpan s_trouble = TimeSpan.FromSeconds(200);
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_proof = TimeSpan.FromSeconds(10);

    [Fact]
    public void Two_hosts_always_find_back_to_one_session()
    {
        long sent = 0, delivered = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            try
            {
                using var link = new Link(seed);
                link.Run();
                sent += link.Sent;
                delivered += link.Delivered;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
            }
        }
        output.WriteLine($"measured: {Seeds} seeds, {sent} packets sent, {delivered} delivered");
        Assert.True(delivered > sent / 4);
    }

    private sealed class Link : IDisposable
    {
        private readonly Random _random;
        private readonly PriorityQueue<Action, (TimeSpan, long)> _events = new();
        private readonly List<(SimulatedHost To, byte[] Datagram)> _recorded = [];
        private readonly SimulatedHost _left;
        private readonly SimulatedHost _right;
        private readonly double _loss, _double, _restart, _attack;
        private readonly TimeSpan _delay;
        private TimeSpan _now = TimeSpan.FromDays(1);
        private TimeSpan _wellAt;
        private TimeSpan _downUntil;
        private long _order;

        public Link(int seed)
        {
            _random = new Random(seed);
            StaticKey left = Key(), right = Key();
            _left = new SimulatedHost(left, right.PublicKey, _random, datagram => Transmit(_right!, datagram));
            _right = new SimulatedHost(right, left.PublicKey, _random, datagram => Transmit(_left, datagram));
            (_left.Other, _right.Other) = (_right, _left);
            _loss = _random.NextDouble() * 0.6;
            _double = _random.NextDouble() * 0.3;
            _restart = _random.Next(3) == 0 ? 0.01 : 0;
            _attack = _random.NextDouble();
            _delay = TimeSpan.FromMilliseconds(_random.Next(2) == 0 ? 100 : 2000);
            _wellAt = _now + s_trouble;
        }

        public long Sent => _left.Sent + _right.Sent;

        public long Delivered => _left.Delivered + _right.Delivered;

        public void Run()
        {
            foreach (var host in new[] { _left, _right })
            {
                Every(TimeSpan.FromSeconds(1), () => host.Tick(_now));
                Every(TimeSpan.FromMilliseconds(200 + _random.Next(3000)), () => Chatter(host));
                Every(TimeSpan.FromSeconds(1), () => Mishap(host));
            }
            Every(TimeSpan.FromMilliseconds(500), Attack);
            RunUntil(_wellAt + s_recovery);

            Assert.NotNull(_left.Peer.Sending);
            Assert.Equal(_left.Peer.Sending!.LocalIndex, _right.Peer.Sending?.RemoteIndex);
            Assert.Equal(_left.Peer.Sending.RemoteIndex, _right.Peer.Sending!.LocalIndex);

            // What is under way at either end of the interval is not counted the same at both.
            long missing = Sent - Delivered;
            RunUntil(_now + s_proof);
            Assert.InRange(Sent - Delivered, missing - 4, missing + 4);
        }

        public void Dispose()
        {
            _left.Dispose();
            _right.Dispose();
        }

        private StaticKey Key()
        {
            byte[] octets = new byte[StaticKey.Length];
            _random.NextBytes(octets);
            return StaticKey.FromBytes(octets);
        }

        private bool IsWell => _now >= _wellAt;

        private void Chatter(SimulatedHost host)
        {
            // Bursts, and silences that are long enough for sessions to end.
            if (IsWell || _now.TotalSeconds % 97 < 60)
                host.SendPacket(_now);
        }

        private void Mishap(SimulatedHost host)
        {
            if (IsWell)
                return;
            if (_random.NextDouble() < _restart)
                host.Restart();
            if (_random.NextDouble() < 0.01)
                _downUntil = _now + TimeSpan.FromSeconds(_random.Next(30));
        }

        /// <summary>Whatever was on the link comes again, whole, bent or cut, to either host.</summary>
        private void Attack()
        {
            if (_recorded.Count == 0 || _random.NextDouble() > _attack)
                return;
            var (to, datagram) = _recorded[_random.Next(_recorded.Count)];
            byte[] sent = [.. datagram];
            int kind = _random.Next(4);
            if (kind == 1)
                sent[_random.Next(sent.Length)] ^= (byte)(1 << _random.Next(8));
            if (kind == 2)
                sent = sent[.._random.Next(sent.Length)];
            var target = kind == 3 && to == _left ? _right : kind == 3 ? _left : to;
            At(_now, () => target.Receive(sent, _now));
        }

        private void Transmit(SimulatedHost to, byte[] datagram)
        {
            _recorded.Add((to, datagram));
            if (IsWell)
            {
                At(_now + TimeSpan.FromMilliseconds(10), () => to.Receive(datagram, _now));
                return;
            }
            int copies = _random.NextDouble() < _double ? 2 : 1;
            for (int i = 0; i < copies; i++)
            {
                if (_now >= _downUntil && _random.NextDouble() >= _loss)
                    At(_now + (_delay * _random.NextDouble()), () => to.Receive(datagram, _now));
            }
        }

        private void Every(TimeSpan period, Action action)
        {
            var next = _now + (period * _random.NextDouble());
            Action step = null!;
            step = () =>
            {
                action();
                next += period;
                At(next, step);
            };
            At(next, step);
        }

        private void At(TimeSpan time, Action action) => _events.Enqueue(action, (time, _order++));

        private void RunUntil(TimeSpan end)
        {
            while (_events.TryPeek(out _, out var due) && due.Item1 <= end)
            {
                _now = due.Item1;
                _events.Dequeue()();
            }
            _now = end;
        }
    }
}
