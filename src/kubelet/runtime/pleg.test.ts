import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { simulatedRuntime } from '../simulated/simulated-runtime.ts';
import { Relister } from './pleg.ts';
import type { Runtime } from './runtime.ts';
import type { SandboxConfig } from './runtime-config.ts';

/** A runtime that reports only that something changed, and whose events can stop. */
class Telling {
  readonly clock = new VirtualClock();
  readonly env = { clock: this.clock, random: systemRandom, log: silentLog };
  readonly runtime: Runtime;
  lists = 0;
  follows = 0;
  isAway = false;
  change: () => void = () => undefined;
  end: () => void = () => undefined;

  constructor() {
    const { subscribe, listContainers, ...simulated } = simulatedRuntime(this.env);
    this.runtime = {
      ...simulated,
      listContainers: (podUid) => {
        this.lists++;
        return listContainers(podUid);
      },
      follow: (onChange, onEnd) => {
        this.follows++;
        this.change = onChange;
        this.end = onEnd;
        // As a socket without a listener: the error comes later, not within the call.
        if (this.isAway) this.clock.after(0, onEnd);
        return () => undefined;
      },
    };
  }

  makePod(uid: string): Promise<string> {
    const metadata = { name: uid, namespace: 'default', uid, attempt: 0 };
    const linux = { securityContext: { namespaceOptions: { network: 'NODE' } } };
    return this.runtime.runPodSandbox({ metadata, annotations: {}, linux } as unknown as SandboxConfig);
  }

  async listsIn(ms: number): Promise<number> {
    const before = this.lists;
    await this.clock.advance(ms);
    return this.lists - before;
  }
}

let telling: Telling;
let relister: Relister;
let changed: string[];

beforeEach(() => {
  telling = new Telling();
  changed = [];
  relister = new Relister(telling.env, telling.runtime, (uid) => changed.push(uid));
  relister.start();
});

afterEach(() => relister.stop());

test('the PLEG – no events – relists each second at first, then each minute', async () => {
  assert.equal(await telling.listsIn(10_000), 10);
  await telling.clock.advance(60_000);
  assert.equal(await telling.listsIn(600_000), 10);
  await telling.makePod('a');
  await telling.clock.advance(60_000);
  assert.deepEqual(changed, ['a']);
});

test('the PLEG – an event – relists at once, then each second for a while', async () => {
  await telling.clock.advance(100_000);
  await telling.makePod('a');
  telling.change();
  assert.equal(await telling.listsIn(50), 1);
  assert.deepEqual(changed, ['a']);
  // The runtime's lists may lag behind its events.
  await telling.makePod('b');
  await telling.clock.advance(1000);
  assert.deepEqual(changed, ['a', 'b']);
  await telling.clock.advance(20_000);
  assert.equal(await telling.listsIn(30_000), 0);
});

test('the PLEG – many events at once – relists once', async () => {
  await telling.clock.advance(100_000);
  for (let count = 0; count < 100; count++) telling.change();
  assert.equal(await telling.listsIn(50), 1);
});

test('the PLEG – its event stream is broken – relists each second, and subscribes again when it can', async () => {
  await telling.clock.advance(100_000);
  telling.isAway = true;
  telling.end();
  await telling.clock.advance(50);
  assert.equal(await telling.listsIn(100_000), 100);
  telling.isAway = false;
  const { follows } = telling;
  await telling.clock.advance(100_000);
  assert.equal(telling.follows, follows + 1);
  assert.equal(await telling.listsIn(600_000), 10);
});

test('the PLEG – stopped – closes its stream and relists no more', async () => {
  let released = false;
  relister.stop();
  const { runtime } = telling;
  const other = new Relister(
    telling.env,
    {
      ...runtime,
      follow: () => () => {
        released = true;
      },
    },
    () => undefined,
  );
  other.start();
  await telling.clock.advance(5000);
  other.stop();
  assert.equal(released, true);
  assert.equal(await telling.listsIn(100_000), 0);
});
