/**
 * A service of three backends that loses one and gets it back again and again, in the network namespace this
 * program is started in; prints how many changes and connections there were, and what went wrong with them.
 */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { command } from '#host/processes/command.ts';
import { ServiceTables } from '#network/services/tables.ts';
import { webFrontend } from '#testing/objects/frontends.ts';

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

const tables = new ServiceTables(frame);

async function apply(count: number): Promise<void> {
  const backends = ports.slice(0, count).map((port) => ({ ip, port }));
  tables.put('web', [webFrontend({ clusterIps: [], nodePort, backends })]);
  for (const input of tables.scripts()) await command('nft', ['-f', '-'], { input });
  tables.written();
}

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

await apply(3);
const running = Array.from({ length: clients }, connectAgain);
for (let change = 0; change < changes; change++) await apply(change % 2 === 0 ? 2 : 3);
ended = true;
await Promise.all(running);
console.log(JSON.stringify({ changes, connections, failures }));
process.exit(0);
