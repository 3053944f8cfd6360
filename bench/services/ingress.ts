/**
 * HTTP through the Ingress proxy: the processor time of a request by the configuration that 1,000 Ingresses make, beside
 * that of the same program with a configuration of one host, written by hand.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '#base/log.ts';
import { type ConfigFiles, Haproxy, haproxySocket } from '#host/haproxy/haproxy.ts';
import { systemEnv } from '#host/system-env.ts';
import { render } from '#ingress/haproxy/render.ts';
import { newSlots } from '#ingress/haproxy/slots.ts';
import { ingressModel } from '#ingress/ingresses/ingress-model.ts';
import { issueAuthority } from '#pki/certificate.ts';
import { ingressOf, routeView, serviceWithEndpoints } from '#testing/objects/ingress-view.ts';
import type { BenchRow } from '../row.ts';

const address = '127.0.0.1';
const ingressCount = 1000;
const requests = 30_000;
const clients = 32;
const rounds = 3;
/** /proc counts processor time in these. */
const tickMs = 10;

export async function ingressBench(): Promise<BenchRow[]> {
  const server = createServer((_, answer) => answer.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const endpoint = (server.address() as AddressInfo).port;
  const times = { own: Infinity, bare: Infinity };
  for (let round = 0; round < rounds; round++) {
    times.bare = Math.min(times.bare, await usedUs(() => bareConfig(20_081, endpoint), 20_081));
    times.own = Math.min(times.own, await usedUs((socket) => ownConfig(socket, 20_082, endpoint), 20_082));
  }
  server.close();
  server.closeAllConnections();
  return [
    {
      what: `Ingress: a request among ${ingressCount} hosts, processor time`,
      value: `${times.own.toFixed(1)} µs`,
      ceiling: `${times.bare.toFixed(1)} µs (one host, by hand)`,
      ratio: times.bare / times.own,
      floor: 0.9,
    },
  ];
}

/** Processor time of the proxy for a request, in microseconds. */
async function usedUs(config: (socket: string) => ConfigFiles, port: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-bench-'));
  const places = { dataDir: join(dir, 'data'), runDir: dir };
  const haproxy = new Haproxy({ env: systemEnv(silentLog), ...places });
  try {
    await haproxy.apply(config(haproxySocket(places)));
    await load(port, requests / 10);
    const before = ticksOf(places.dataDir);
    await load(port, requests);
    return ((ticksOf(places.dataDir) - before) * tickMs * 1000) / requests;
  } finally {
    await haproxy.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

function bareConfig(port: number, endpoint: number): ConfigFiles {
  const lines = [
    'defaults',
    '  mode http',
    '  timeout client 60s',
    '  timeout connect 5s',
    '  timeout server 60s',
    'frontend f',
    `  bind ${address}:${port}`,
    ...['X-Real-IP', 'X-Forwarded-For'].map((name) => `  http-request set-header ${name} %[src]`),
    '  http-request set-header X-Request-ID %[uuid()]',
    '  http-request set-header X-Forwarded-Host %[req.hdr(host)]',
    '  http-request set-header X-Forwarded-Port 80',
    ...['Proto', 'Scheme'].map((name) => `  http-request set-header X-Forwarded-${name} http`),
    '  http-request set-header X-Scheme http',
    '  use_backend b if { req.hdr(host) -i host-500.com } { path_beg / }',
    'backend b',
    `  server s ${address}:${endpoint}`,
  ];
  return new Map([['haproxy.cfg', `${lines.join('\n')}\n`]]);
}

function ownConfig(socket: string, port: number, endpoint: number): ConfigFiles {
  const { service, slice } = serviceWithEndpoints('web', [address], endpoint);
  const ingresses = Array.from({ length: ingressCount }, (_, index) =>
    ingressOf(`i${index}`, { [`host-${index}.com`]: { '/': 'web', '/api': 'web' } }),
  );
  const { keyPem, certPem } = issueAuthority({
    commonName: 'bench',
    serial: new Uint8Array([1]),
    notBeforeMs: Date.UTC(2026, 0),
    notAfterMs: Date.UTC(2046, 0),
    usages: [],
  });
  const entrance = {
    address,
    plainPort: port,
    tlsPort: port + 10,
    certificate: keyPem + certPem,
    cookieKey: 'key',
  };
  const model = ingressModel(routeView({ ingresses, services: [service], slices: [slice] }), entrance);
  const slots = new Map(model.backends.map(({ id, endpoints }) => [id, newSlots(endpoints)]));
  return render(model, { socket, slots, cookieKey: 'key' }).files;
}

/** Of all processes that serve by the configuration in the folder. */
function ticksOf(dataDir: string): number {
  const pids = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && argumentsOf(pid).includes(dataDir));
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // The process has ended.
    return '';
  }
}

async function load(port: number, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  let left = count;
  const loop = async () => {
    while (left-- > 0) await ask(port, agent);
  };
  await Promise.all(Array.from({ length: clients }, loop));
  agent.destroy();
}

function ask(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { host: address, port, path: '/api/x', agent, headers: { host: 'host-500.com' } };
    const sent = request(options, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`the proxy answers ${answer.statusCode}`));
      answer.resume();
      answer.on('end', resolve);
    });
    sent.on('error', reject);
    sent.end();
  });
}
