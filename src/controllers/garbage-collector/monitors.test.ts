import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceUnavailable } from '#api/meta/status.ts';
import { silentLog } from '#base/log.ts';
import type { ControllerContext } from '#client/controllers/controller.ts';
import { systemEnv } from '#host/system-env.ts';
import { StaticInformers } from '#testing/controllers/static-informers.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { GarbageMonitors } from './monitors.ts';

const verbs = ['delete', 'list', 'watch'];
const answers: Readonly<Record<string, object>> = {
  '/apis': { groups: [{ name: 'ext.io', versions: [{ groupVersion: 'ext.io/v1' }] }] },
  '/api/v1': { resources: [] },
  '/apis/ext.io/v1': { resources: [{ name: 'gadgets', kind: 'Gadget', namespaced: true, verbs }] },
};

test('the collector – another API server is discovered but lists nothing – begins after half a minute', async () => {
  const clock = new VirtualClock();
  const refuse = async () => {
    throw serviceUnavailable('service unavailable');
  };
  const client = { raw: async (_: string, path: string) => answers[path], list: refuse };
  const env = { ...systemEnv(), clock, log: silentLog };
  const context = { client, env, informers: new StaticInformers() } as unknown as ControllerContext;
  const handlers = { onPut() {}, onRemove() {}, onEnd() {} };
  const monitors = new GarbageMonitors(context, handlers);
  let hasBegun = false;
  void monitors.synced().then(() => (hasBegun = true));
  await clock.advance(29_000);
  assert.ok(monitors.typeOf('ext.io/v1', 'Gadget'));
  assert.equal(hasBegun, false);
  await clock.advance(1_000);
  assert.equal(hasBegun, true);
  monitors.stop();
});
