import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { joinStreams, type PodPlace } from './streams.ts';

const place = {
  node: { readView: async () => ({ containers: [{ name: 'c', id: '1', state: 'exited' }], sandboxes: [] }) },
  pod: { metadata: { namespace: 'ten', name: 'web', uid: 'u' } },
} as unknown as PodPlace;

const rows = [
  ['exec/ten/web/c', 'output=1&command=id', 'container not found ("c")'],
  ['attach/ten/web/c', 'output=1', 'container c not found in pod web_ten'],
  ['portForward/ten/web', 'ports=80', 'pod not found ("web_ten")'],
] as const;

describe('a stream – to a pod whose containers have ended – is refused', () => {
  for (const [path, words, message] of rows) {
    test(path, async () => {
      const target = { segments: path.split('/'), query: new URLSearchParams(words) };
      const request = { headers: {} } as IncomingMessage;
      const joined = joinStreams(
        () => place,
        target as Parameters<typeof joinStreams>[1],
        request,
        {} as Socket,
        Buffer.alloc(0),
      );
      await assert.rejects(joined, { code: 500, message });
    });
  }
});
