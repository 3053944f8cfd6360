/**
 * A service of three backends that loses one and gets it back again and again, in the network namespace this
 * program is started in; prints how many changes and connections there were, and what went wrong with them.
 */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { command } from '#host/processes/command.ts';
import { changeScript, frameScript } from '#network/services/nft-script.ts';
import { emptyTable, tableOf } from '#network/services/nft-table.ts';

const changes = 400;
const clients = 4;
const nodePort = 32000;
const ip = '127.0.0.1';
const frame = { name: 'changing', bridge: 'br0', podRange: '10.244.0.0/16', serviceRange: '10.96.0.0/16' };

async function listen(): Promise<number> {
  const server = createServer((socket) => socket.end());
  server.listen(0, ip);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const ports = await Promise.all([listen(), listen(), listen()]);

function tableWith(count: number) {
  const backends = ports.slice(0, count).map((port) => ({ ip, port }));
  const groups = { backends, externalBackends: backends, anyBackends: backends, servingBackends: backends };
  const at = {
    id: 'default/web:',
    protocol: 'tcp' as const,
    port: 80,
    clusterIps: [],
    externalIps: [],
    nodePort,
  };
  return tableOf([{ ...at, ...groups, keepsSource: false }], frame.podRange);
}

const apply = (input: string) => command('nft', ['-f', '-'], { input });

let ended = false;
let connections = 0;
const failures: string[] = [];

async function connectAgain(): Promise<void> {
  while (!ended) {
    connections++;
    const socket = connect(nodePort, ip);
    socket.resume();
    socket.on('error', (error) => failures.push(error.message));
    await new Promise((resolve) => socket.on('close', resolve));
  }
}

await apply(frameScript(frame) + changeScript(frame.name, emptyTable(), tableWith(3)));
const running = Array.from({ length: clients }, connectAgain);
for (let change = 0; change < changes; change++) {
  const [before, after] = change % 2 === 0 ? [3, 2] : [2, 3];
  await apply(changeScript(frame.name, tableWith(before), tableWith(after)));
}
ended = true;
await Promise.all(running);
console.log(JSON.stringify({ changes, connections, failures }));
process.exit(0);
