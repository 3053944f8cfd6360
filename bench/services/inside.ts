/** Runs in a network namespace with loopback up: measures the service proxy and prints a `ServicesResult`. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { endpointSlices, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice } from '#api/generated/types.gen.ts';
import type { Client } from '#client/client.ts';
import { createInformers } from '#client/informers/informers.ts';
import { command } from '#host/processes/command.ts';
import { systemEnv } from '#host/system-env.ts';
import { startServiceProxy } from '#network/services/proxy.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { endpointsEach, type ServicesResult, serviceCount } from './services.ts';

const namespace = 'default';
const inFlight = 64;
const changes = 20;
const connections = 300;
const frame = { name: 'bench', bridge: 'br0', podRange: '10.244.0.0/14', serviceRange: '10.96.0.0/12' };
const listener = '192.0.2.1';
/** The service that has a program behind it. */
const live = 0;

/** Which of the two programs serves. */
let current = 0;

const env = systemEnv();
const server = await startTestServer({ env });
const { client } = server;
const ports = await Promise.all([listen(), listen()]);

await createService(live);
const first = await startProxy();
const one = await connectUs();
await first.stop();

await manyAtOnce(serviceCount - 1, (i) => createService(i + 1));
const startedMs = performance.now();
const proxy = await startProxy();
const startMs = performance.now() - startedMs;
const changeMs = await median(changes, () => changeOnce(client));
const many = await connectUs();
const rssMb = Math.round(process.memoryUsage.rss() / 2 ** 20);
await proxy.stop();
const bareStartMs = await restoreMs();
const result: ServicesResult = {
  startMs,
  bareStartMs,
  changeMs,
  bareChangeMs: await median(changes, bareChangeMs),
  firstPacketUs: { one, many },
  rssMb,
};
process.stdout.write(JSON.stringify(result), () => process.exit(0));

async function startProxy() {
  const informers = createInformers(client, env);
  const options = {
    env,
    client,
    informers,
    nodeInformers: informers,
    nodeName: 'n1',
    nodeIp: '127.0.0.2',
    frame,
  };
  const started = await startServiceProxy(options);
  return {
    stop: async () => {
      await started.synced();
      started.stop();
      informers.stop();
    },
  };
}

async function listen(): Promise<number> {
  const listening = createServer((socket) => socket.end(String((listening.address() as AddressInfo).port)));
  listening.listen(0, listener);
  await once(listening, 'listening');
  return (listening.address() as AddressInfo).port;
}

function clusterIp(i: number): string {
  return `10.${96 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
}

async function createService(i: number): Promise<void> {
  const name = `s-${i}`;
  const ip = clusterIp(i + 256);
  const spec = { clusterIP: ip, clusterIPs: [ip], ports: [{ port: 80 }] };
  await client.create(services, { metadata: { name, namespace }, spec });
  await client.create(endpointSlices, sliceOf(i, 0));
}

/** Of the live service, one endpoint; of another, ten that nothing answers at. */
function sliceOf(i: number, port: number): EndpointSlice {
  const addresses = Array.from({ length: endpointsEach }, (_, e) => {
    const n = i * endpointsEach + e;
    return `10.${244 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
  });
  const endpoints = (i === live ? [listener] : addresses).map((ip) => ({
    addresses: [ip],
    conditions: { ready: true },
    nodeName: 'n2',
  }));
  return {
    metadata: { name: `s-${i}`, namespace, labels: { 'kubernetes.io/service-name': `s-${i}` } },
    addressType: 'IPv4',
    ports: [{ name: '', port: i === live ? ports[port]! : 8080, protocol: 'TCP' }],
    endpoints,
  };
}

/** From the write to the API until a connection reaches the new port. */
async function changeOnce(api: Client): Promise<number> {
  current = 1 - current;
  const startMs = performance.now();
  await api.patch(endpointSlices, { namespace, name: `s-${live}` }, 'merge', {
    ports: sliceOf(live, current).ports,
  });
  while ((await translatedPort()) !== ports[current]);
  const ms = performance.now() - startMs;
  // Beyond the pace of writes, which protects the machine and is not what is measured.
  await new Promise((resolve) => setTimeout(resolve, 800));
  return ms;
}

/** The port that a new connection to the live service ends at. */
async function translatedPort(): Promise<number> {
  const socket = connect(80, clusterIp(live + 256));
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  await once(socket, 'close');
  return Number(text);
}

async function connectUs(): Promise<number> {
  return median(connections, async () => {
    const startMs = performance.now();
    const socket = connect(80, clusterIp(live + 256));
    await once(socket, 'connect');
    const us = (performance.now() - startMs) * 1000;
    socket.resume();
    await once(socket, 'close');
    return us;
  });
}

/** The same table once more, by nft alone. */
async function restoreMs(): Promise<number> {
  const table = `table ip ${frame.name}`;
  const input = `${table}\ndelete ${table}\n${await command('nft', ['list', ...table.split(' ')])}`;
  const startMs = performance.now();
  await command('nft', ['-f', '-'], { input });
  return performance.now() - startMs;
}

async function bareChangeMs(): Promise<number> {
  const map = `element ip ${frame.name} endpoints`;
  const key = `${clusterIp(live + 256)} . tcp . 80 . 0`;
  current = 1 - current;
  const input = `delete ${map} { ${key} }\nadd ${map} { ${key} : ${listener} . ${ports[current]} }\n`;
  const startMs = performance.now();
  await command('nft', ['-f', '-'], { input });
  return performance.now() - startMs;
}

async function median(count: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(await measure());
  return values.sort((a, b) => a - b)[Math.floor(count / 2)]!;
}

async function manyAtOnce(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
