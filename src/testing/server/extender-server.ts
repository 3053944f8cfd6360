/** A real HTTP server on loopback that plays an extender of the scheduler: it keeps what it was asked. */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '#wire/json/value.ts';

/** By verb: the JSON to answer with; undefined where it answers itself, or never. */
export type ExtenderReplies = Readonly<
  Record<string, (asked: JsonObject, response: ServerResponse) => unknown>
>;

export interface TestExtender extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/scheduler`. */
  readonly url: string;
  /** The verbs of the requests, in order. */
  readonly asked: string[];
}

export async function startTestExtender(replies: ExtenderReplies): Promise<TestExtender> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const verb = request.url?.split('/').at(-1) ?? '';
      asked.push(verb);
      const answer = replies[verb]?.(JSON.parse(Buffer.concat(chunks).toString()), response);
      if (answer !== undefined) response.end(JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/scheduler`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
