import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { RuntimeError } from '../runtime/runtime.ts';
import type { CriChannel } from './channel.ts';
import { endedCommands } from './ended-commands.ts';

const { Field, Type } = protobuf;
const request = new Type('GetRequest')
  .add(new Field('containerId', 1, 'string'))
  .add(new Field('execId', 2, 'string'));
const running = 2;
const answer = new Type('GetResponse')
  .add(new Field('process', 1, 'Process'))
  .add(new Type('Process').add(new Field('status', 4, 'int32')));

/** A containerd that can end its event streams; its containers run, unless the test removes them. */
function setUp() {
  const clock = new VirtualClock();
  const streams: (() => void)[] = [];
  const gone = new Set<string>();
  const state = { subscriptions: 0, cancelled: 0, isDown: false };
  const channel = {
    stream(_path: string, _request: Uint8Array, _onMessage: unknown, onEnd: () => void) {
      state.subscriptions++;
      streams.push(onEnd);
      return () => void state.cancelled++;
    },
    async callBytes(_path: string, bytes: Uint8Array) {
      const { containerId } = request.decode(bytes) as unknown as { containerId: string };
      if (state.isDown) throw new RuntimeError('Unavailable', 'no connection');
      if (gone.has(containerId)) throw new RuntimeError('NotFound', 'no task');
      return answer.encode({ process: { status: running } }).finish();
    },
  } as unknown as CriChannel;
  const endStream = () => streams.shift()?.();
  return { clock, gone, state, endStream, commands: endedCommands(channel, clock) };
}

test('an event stream that ends – while a container may run a command – is opened again, once', async () => {
  const { clock, state, endStream, commands } = setUp();
  commands.expect('c1');
  commands.expect('c2');
  assert.equal(state.subscriptions, 1);
  endStream();
  await clock.advance(1000);
  assert.equal(state.subscriptions, 2);
  endStream();
  commands.expect('c1');
  assert.equal(state.subscriptions, 3, 'a new command does not wait');
  await clock.advance(5000);
  assert.equal(state.subscriptions, 3);
  commands.close();
  assert.equal(state.cancelled, 1);
});

test('containers – that ended while no stream was open – are forgotten, and then nothing is subscribed to again', async () => {
  const { clock, gone, state, endStream, commands } = setUp();
  commands.expect('c1');
  gone.add('c1');
  state.isDown = true;
  endStream();
  await clock.advance(1000);
  assert.equal(state.subscriptions, 2);
  state.isDown = false;
  endStream();
  await clock.advance(1000);
  assert.equal(state.subscriptions, 3, 'as long as containerd does not answer, the container may run');
  endStream();
  await clock.advance(10_000);
  assert.equal(state.subscriptions, 3);
});

test('an event stream that ends – after the close – is not opened again', async () => {
  const { clock, state, endStream, commands } = setUp();
  commands.expect('c1');
  endStream();
  commands.close();
  await clock.advance(10_000);
  assert.equal(state.subscriptions, 1);
});
