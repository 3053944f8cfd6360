import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { commandProtocol, decodeMessage, encodeMessage, endedChannel } from './channels.ts';

const offering = (header?: string) =>
  ({ headers: header === undefined ? {} : { 'sec-websocket-protocol': header } }) as IncomingMessage;

const choices: readonly (readonly [string | undefined, string | undefined])[] = [
  [undefined, undefined],
  ['channel.k8s.io', 'channel.k8s.io'],
  ['base64.channel.k8s.io', 'base64.channel.k8s.io'],
  ['v4.channel.k8s.io, v3.channel.k8s.io, v2.channel.k8s.io, channel.k8s.io', 'v4.channel.k8s.io'],
  ['channel.k8s.io,v4.channel.k8s.io', 'channel.k8s.io'],
  ['v4.base64.channel.k8s.io,channel.k8s.io', 'v4.base64.channel.k8s.io'],
  ['v4.channel.k8s.io, v5.channel.k8s.io', 'v5.channel.k8s.io'],
];

for (const [offered, chosen] of choices) {
  test(`a caller who offers ${offered ?? 'nothing'} – ${chosen ?? 'the binary channels'}`, () => {
    const protocol = commandProtocol(offering(offered));
    assert.ok(protocol);
    assert.equal(protocol.name, chosen);
    assert.equal(protocol.base64, chosen?.includes('base64') ?? false);
    assert.equal(protocol.sendsStatus, /^v[45]\./.test(chosen ?? ''));
  });
}

test('a caller – offers unknown protocols only – gets none', () => {
  assert.equal(commandProtocol(offering('v9.channel.k8s.io, binary.k8s.io')), undefined);
});

describe('a message – written and read, in bytes and in base64 – is the same', () => {
  const content = Buffer.from([0, 255, 128, 10]);
  for (const name of ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io']) {
    test(name, () => {
      const protocol = commandProtocol(offering(name))!;
      const written = encodeMessage(protocol, 1, content);
      assert.equal(typeof written, protocol.base64 ? 'string' : 'object');
      assert.deepEqual(decodeMessage(protocol, Buffer.from(written)), { channel: 1, content });
    });
  }
});

describe('the end of stdin – sent to the command – is known in the newest protocol only', () => {
  const end = Buffer.from([255, 0]);
  for (const [name, ended] of [
    ['v5.channel.k8s.io', 0],
    ['v4.channel.k8s.io', undefined],
  ] as const) {
    test(name, () => {
      const protocol = commandProtocol(offering(name))!;
      assert.equal(endedChannel(protocol, decodeMessage(protocol, end)!), ended);
    });
  }
});
