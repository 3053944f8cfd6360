/** Orders of upstream's `TestOrderedBy…` and `TestStatsNotFoundForPod`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Signal } from '#api/configuration/kubelet/thresholds.ts';
import { quantityValue } from '#api/values/quantity.ts';
import { storedPod } from '#testing/objects.ts';

import type { PodUse } from '../../runtime/eviction-meter.ts';
import { rankPods } from './rank.ts';

interface Row {
  readonly priority?: number;
  readonly request?: Record<string, string>;
  readonly memory?: string;
  readonly pids?: number;
  readonly rootfs?: string;
  readonly logs?: string;
  readonly volumes?: string;
  readonly overhead?: Record<string, string>;
  readonly isUnmeasured?: boolean;
}

const podOf = (name: string, { priority = 0, request = {}, overhead }: Row) =>
  storedPod(name, {
    metadata: { uid: name },
    spec: {
      priority,
      ...(overhead ? { overhead } : {}),
      containers: [{ name: 'main', resources: { requests: request } }],
    },
  });
/** A file system with so many bytes has as many inodes. */
const disk = (text = '0') => ({ bytes: quantityValue(text), inodes: quantityValue(text) });
const useOf = ({ memory = '0', pids = 0, rootfs, logs, volumes }: Row): PodUse => ({
  memoryBytes: quantityValue(memory),
  processes: pids,
  containers: [{ name: 'main', rootfs: disk(rootfs), logs: disk(logs) }],
  volumes: disk(volumes),
});

const requests = (memory: string) => ({ memory });
const storage = (bytes: string) => ({ 'ephemeral-storage': bytes });

/** Pods in the order in which they are evicted; given in reverse. */
const table: [what: string, signal: Signal, dedicatedImageFs: boolean, pods: Record<string, Row>][] = [
  [
    'memory above requests',
    'memory.available',
    false,
    {
      'exceeds by much': { request: requests('100Mi'), memory: '900Mi' },
      'best effort': { memory: '300Mi' },
      'exceeds by little': { request: requests('1Gi'), memory: '1025Mi' },
      'below by little': { request: requests('1Gi'), memory: '1000Mi' },
      'below by much': { request: requests('4Gi'), memory: '3Gi' },
    },
  ],
  [
    'memory: requests before priority',
    'allocatableMemory.available',
    false,
    {
      'low, exceeds': { priority: 1, request: requests('100Mi'), memory: '110Mi' },
      'high, exceeds by more': { priority: 100, request: requests('100Mi'), memory: '900Mi' },
      'low, below': { priority: 1, request: requests('1Gi'), memory: '900Mi' },
      'high, below': { priority: 100, request: requests('2Gi'), memory: '900Mi' },
    },
  ],
  [
    'memory: overhead counts beside a request only',
    'memory.available',
    false,
    {
      'none requested': { overhead: requests('1Gi'), memory: '500Mi' },
      requested: { overhead: requests('1Gi'), request: requests('100Mi'), memory: '1Gi' },
    },
  ],
  [
    'a pod without stats first',
    'memory.available',
    false,
    {
      unmeasured: { priority: 1000, isUnmeasured: true },
      measured: { memory: '900Mi' },
    },
  ],
  [
    'process ids: priority, then their number',
    'pid.available',
    false,
    {
      'low, many': { priority: 1, pids: 1000 },
      'low, few': { priority: 1, pids: 2 },
      'high, many': { priority: 2, pids: 5000 },
    },
  ],
  [
    'one disk for all',
    'nodefs.available',
    false,
    {
      volumes: { rootfs: '50Mi', logs: '100Mi', volumes: '500Mi' },
      rootfs: { rootfs: '400Mi', logs: '100Mi' },
      requested: { request: storage('400Mi'), rootfs: '401Mi' },
      below: { request: storage('1Gi'), rootfs: '900Mi' },
    },
  ],
  [
    'the nodefs beside an imagefs',
    'nodefs.available',
    true,
    {
      logs: { logs: '100Mi' },
      volumes: { volumes: '90Mi' },
      rootfs: { rootfs: '900Mi', logs: '1Mi' },
    },
  ],
  [
    'the imagefs',
    'imagefs.available',
    true,
    {
      rootfs: { rootfs: '200Mi', logs: '1Mi' },
      logs: { rootfs: '100Mi', logs: '900Mi' },
    },
  ],
  [
    'inodes',
    'nodefs.inodesFree',
    false,
    {
      'low, few': { priority: 1, rootfs: '100' },
      'high, many': { priority: 2, rootfs: '900' },
      'high, few': { priority: 2, rootfs: '1', volumes: '2' },
    },
  ],
];

for (const [what, signal, dedicatedImageFs, rows] of table) {
  test(`pods to evict – ${what} – are in upstream's order`, () => {
    const entries = Object.entries(rows);
    const pods = entries.map(([name, row]) => podOf(name, row)).reverse();
    const uses = new Map(
      entries.flatMap(([name, row]) => (row.isUnmeasured ? [] : [[name, useOf(row)] as const])),
    );
    const ranked = rankPods(signal, pods, uses, dedicatedImageFs);
    assert.deepEqual(
      ranked.map(({ metadata }) => metadata.name),
      Object.keys(rows),
    );
  });
}
