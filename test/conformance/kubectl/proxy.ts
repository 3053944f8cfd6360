/** `kubectl proxy`: the API without credentials, on a port or a socket of this machine. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnKubectl } from '../../support/cluster.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';

const startLimitMs = 20_000;

/** Starts it and returns the address that it reports. */
async function startProxy(context: BehaviourContext, ...args: string[]): Promise<string> {
  const child = spawnKubectl(context.cluster, ['proxy', ...args]);
  context.after(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  let place = '';
  await context.eventually(
    'kubectl proxy serves',
    () => {
      assert.equal(child.exitCode, null, output);
      place = /Starting to serve on (\S+)/.exec(output)?.[1] ?? '';
      return place !== '';
    },
    startLimitMs,
  );
  return place;
}

function fetchVersions(options: RequestOptions): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, path: '/api/', timeout: startLimitMs }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      response.on('end', () => resolve((JSON.parse(text) as { versions: string[] }).versions));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function anyPort(context: BehaviourContext): Promise<void> {
  const place = await startProxy(context, '-p', '0', '--disable-filter');
  const port = Number(place.slice(place.lastIndexOf(':') + 1));
  assert.ok(port > 0, place);
  assert.deepEqual(await fetchVersions({ host: '127.0.0.1', port }), ['v1']);
}

async function unixSocket(context: BehaviourContext): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-proxy-'));
  context.after(async () => rmSync(dir, { recursive: true, force: true }));
  const socketPath = join(dir, 'socket');
  await startProxy(context, `--unix-socket=${socketPath}`);
  assert.deepEqual(await fetchVersions({ socketPath }), ['v1']);
}

const title = '[sig-cli] Kubectl client Proxy server should support';

export const proxy: readonly Behaviour[] = [
  behaviour(`${title} proxy with --port 0 [Conformance]`, anyPort),
  behaviour(`${title} --unix-socket=/path [Conformance]`, unixSocket),
];
