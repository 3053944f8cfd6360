import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interfaceStats, readInterfaces } from './interface-stats.ts';

const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
  eth0:  123456     789    1    2    0     0          0         0    65432     987    3    4    0     0       0          0
`;

test('the stats of interfaces – of a network namespace – are without the loopback', () => {
  assert.deepEqual(readInterfaces(text), [
    {
      name: 'eth0',
      receivedBytes: 123_456,
      receivedPackets: 789,
      receiveErrors: 1,
      receiveDropped: 2,
      sentBytes: 65_432,
      sentPackets: 987,
      sendErrors: 3,
      sendDropped: 4,
    },
  ]);
});

test('the stats of interfaces – of a process that has ended – are unknown', async () => {
  assert.equal(await interfaceStats(2 ** 30), undefined);
});
