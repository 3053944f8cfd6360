import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Env } from '#base/env.ts';
import { silentLog } from '#base/log.ts';
import type { ListOptions } from '#client/client.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { SliceWiper } from './slice-wiper.ts';

function open(failures = 0) {
  const clock = new VirtualClock();
  const wiped: string[] = [];
  let left = failures;
  const client = {
    async deleteCollection(_: unknown, { fieldSelector = '' }: ListOptions) {
      if (left-- > 0) throw new Error('no connection');
      wiped.push(fieldSelector);
      return {};
    },
  };
  const env = { clock, log: silentLog, random: { float: () => 0 } } as unknown as Env;
  return { clock, wiped, wiper: new SliceWiper(env, client, 'n1') };
}

test('ResourceSlices – the kubelet starts – are deleted, all of the node', async () => {
  const { clock, wiped, wiper } = open();
  wiper.start();
  await clock.advance(0);
  assert.deepEqual(wiped, ['spec.nodeName=n1']);
});

test('ResourceSlices – the API server fails – are deleted a little later', async () => {
  const { clock, wiped, wiper } = open(2);
  wiper.start();
  await clock.advance(1000);
  assert.deepEqual(wiped, []);
  await clock.advance(2000);
  assert.deepEqual(wiped, ['spec.nodeName=n1']);
});

test('ResourceSlices – a driver is away for 30 seconds – are deleted, once', async () => {
  const { clock, wiped, wiper } = open();
  wiper.setUsable('gpu.example.com', false);
  await clock.advance(20_000);
  wiper.setUsable('gpu.example.com', false);
  assert.deepEqual(wiped, []);
  await clock.advance(10_000);
  assert.deepEqual(wiped, ['spec.nodeName=n1,spec.driver=gpu.example.com']);
  await clock.advance(60_000);
  assert.equal(wiped.length, 1);
  wiper.setUsable('gpu.example.com', false);
  await clock.advance(30_000);
  assert.equal(wiped.length, 2);
});

test('ResourceSlices – a driver is back in time – stay', async () => {
  const { clock, wiped, wiper } = open();
  wiper.setUsable('gpu.example.com', false);
  await clock.advance(29_000);
  wiper.setUsable('gpu.example.com', true);
  await clock.advance(60_000);
  assert.deepEqual(wiped, []);
});

test('ResourceSlices – a driver is back while their deletion is tried again – stay', async () => {
  const { clock, wiped, wiper } = open(1);
  wiper.setUsable('gpu.example.com', false);
  await clock.advance(30_000);
  wiper.setUsable('gpu.example.com', true);
  await clock.advance(60_000);
  assert.deepEqual(wiped, []);
});

test('ResourceSlices – the kubelet stops – stay', async () => {
  const { clock, wiped, wiper } = open();
  wiper.setUsable('gpu.example.com', false);
  wiper.stop();
  wiper.setUsable('other.example.com', false);
  await clock.advance(60_000);
  assert.deepEqual(wiped, []);
});
