/** The clients of bench/flood/flood.ts, in a process of their own: each sends the next request when it has its answer. */

import { type Endpoint, LeanConnection } from '../lean-connection.ts';

export interface FloodCall extends Endpoint {
  readonly user: string;
  readonly kind: 'get' | 'list' | 'create';
  readonly connections: number;
  readonly seconds: number;
}

export interface FloodResult {
  readonly requests: number;
  readonly statuses: Readonly<Record<number, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const folder = '/api/v1/namespaces/flood';
let created = 0;

function requestOf({ kind, user }: FloodCall): Buffer {
  const head = (method: string, path: string) =>
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user}\r\n`;
  if (kind === 'get') return Buffer.from(`${head('GET', `${folder}/pods/pod-7`)}\r\n`);
  if (kind === 'list') return Buffer.from(`${head('GET', `${folder}/pods`)}\r\n`);
  const body = JSON.stringify({ metadata: { name: `map-${created++}` }, data: { text: 'x'.repeat(1000) } });
  const length = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.from(head('POST', `${folder}/configmaps`) + length + body);
}

async function run(call: FloodCall): Promise<FloodResult> {
  const { port, ca } = call;
  const statuses: Record<number, number> = {};
  const lagsMs: number[] = [];
  const endMs = performance.now() + call.seconds * 1000;
  const loop = async () => {
    // Without a certificate: the token says who asks.
    const connection = await LeanConnection.open({ port, ca } as Endpoint);
    for (let startMs = performance.now(); startMs < endMs; startMs = performance.now()) {
      const status = await connection.ask(requestOf(call));
      lagsMs.push(performance.now() - startMs);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (call.kind === 'get') await new Promise((resolve) => setTimeout(resolve, 2));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: call.connections }, loop));
  lagsMs.sort((a, b) => a - b);
  const at = (part: number) => lagsMs[Math.floor(lagsMs.length * part)] ?? 0;
  return { requests: lagsMs.length, statuses, p50Ms: at(0.5), p99Ms: at(0.99) };
}

process.on('message', (call: FloodCall) => void run(call).then((result) => process.send!(result)));
