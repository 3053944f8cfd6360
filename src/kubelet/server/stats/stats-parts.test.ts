import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileSystemStats, networkStats, usageStats } from './stats-parts.ts';

const time = '2026-01-02T03:04:05Z';
const usage = {
  cpuNanos: 12.7,
  memoryBytes: 100,
  workingSetBytes: 80,
  rssBytes: 50,
  swapBytes: undefined,
  pageFaults: 3,
  majorPageFaults: 1,
};
const memory = { usageBytes: 100, workingSetBytes: 80, rssBytes: 50, pageFaults: 3, majorPageFaults: 1 };

test('usage – without a limit, a rate and swap – leaves out what is not known', () => {
  assert.deepEqual(usageStats(usage, time, undefined), {
    cpu: { time, usageCoreNanoSeconds: 12 },
    memory: { time, ...memory },
  });
});

test('usage – with a limit, a rate and swap – says what is available', () => {
  const rate = { nanoCores: 7, windowMs: 1000 };
  assert.deepEqual(usageStats({ ...usage, swapBytes: 4, rate }, time, 200), {
    cpu: { time, usageNanoCores: 7, usageCoreNanoSeconds: 12 },
    memory: { time, availableBytes: 120, ...memory },
    swap: { time, swapUsageBytes: 4 },
  });
});

test('usage – with the pressure of its group – has it for processors, memory, and input and output', () => {
  const waiting = { totalMicros: 7, avg10: 1, avg60: 2, avg300: 3 };
  const psi = { total: 7, avg10: 1, avg60: 2, avg300: 3 };
  const both = { some: waiting, full: waiting };
  const pressure = { cpu: both, memory: undefined, io: both };
  assert.deepEqual(usageStats(usage, time, undefined, pressure), {
    cpu: { time, usageCoreNanoSeconds: 12, psi: { full: psi, some: psi } },
    memory: { time, ...memory },
    io: { time, psi: { full: psi, some: psi } },
  });
});

test('a file system – as a whole, and by what a folder takes of it – has upstream’s stats', () => {
  const room = { bytes: { available: 60, capacity: 100 }, inodes: { available: 6, capacity: 10 } };
  const whole = {
    time,
    availableBytes: 60,
    capacityBytes: 100,
    usedBytes: 40,
    inodesFree: 6,
    inodes: 10,
    inodesUsed: 4,
  };
  assert.deepEqual(fileSystemStats(room, time), whole);
  assert.deepEqual(fileSystemStats(room, time, { bytes: 5, inodes: 2 }), {
    ...whole,
    usedBytes: 5,
    inodesUsed: 2,
  });
  const { inodes: _, ...uncounted } = room;
  assert.deepEqual(fileSystemStats({ ...uncounted, inodes: undefined }, time), {
    time,
    availableBytes: 60,
    capacityBytes: 100,
    usedBytes: 40,
  });
});

test('the network of a pod – is summed up – by its interface eth0', () => {
  const stats = { receivedPackets: 0, receiveDropped: 0, sentPackets: 0, sendDropped: 0 };
  const each = (name: string, bytes: number) => ({
    ...stats,
    name,
    receivedBytes: bytes,
    receiveErrors: 0,
    sentBytes: 1,
    sendErrors: 0,
  });
  const shown = (name: string, rxBytes: number) => ({ name, rxBytes, rxErrors: 0, txBytes: 1, txErrors: 0 });
  assert.deepEqual(networkStats([each('tun0', 5), each('eth0', 6)], time), {
    time,
    ...shown('eth0', 6),
    interfaces: [shown('tun0', 5), shown('eth0', 6)],
  });
});
