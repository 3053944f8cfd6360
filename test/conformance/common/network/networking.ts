/** Pods and nodes reach pods, by HTTP and by UDP. */

import assert from 'node:assert/strict';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import { answers } from '../../network/asking.ts';
import { askByUdp, startUdpAsker, udpServer } from '../../network/udp.ts';
import { podOf, shell, start } from '../running.ts';

const httpPort = 8083;
const udpPort = 8081;

/** Two servers; their names by their addresses. */
async function startServers(context: BehaviourContext): Promise<[ip: string, name: string][]> {
  const command = shell(`mkdir /srv; hostname > /srv/index.html; exec httpd -f -p ${httpPort} -h /srv`);
  const containers = [await udpServer(context, udpPort)];
  const names = ['netserver-0', 'netserver-1'];
  const made = await Promise.all(
    names.map((name) => start(context, podOf(context, name, { command }, { containers }))),
  );
  return made.map(({ metadata, status }) => [status!.podIP!, metadata.name]);
}

function reaches(from: 'intra-pod' | 'node-pod', by: 'http' | 'udp'): Behaviour {
  const marks = from === 'node-pod' ? '[LinuxOnly] [NodeConformance]' : '[NodeConformance]';
  return behaviour(
    `[sig-network] Networking Granular Checks: Pods should function for ${from} communication: ${by} ${marks} [Conformance]`,
    async (context) => {
      const hostNetwork = from === 'node-pod';
      const servers = await startServers(context);
      if (by === 'http') await start(context, podOf(context, 'asker', {}, { hostNetwork }));
      else await startUdpAsker(context, hostNetwork);
      for (const [ip, name] of servers) {
        if (by === 'http') {
          assert.equal(await answers(context, ip, httpPort), name);
        } else {
          await context.eventually(
            `${name} answers`,
            async () => (await askByUdp(context, ip, udpPort)) === name,
          );
        }
      }
    },
  );
}

export const networking: readonly Behaviour[] = [
  reaches('intra-pod', 'http'),
  reaches('intra-pod', 'udp'),
  reaches('node-pod', 'http'),
  reaches('node-pod', 'udp'),
];
