/** One port of a node, had by several pods: for another address of the node, or another protocol. */

import assert from 'node:assert/strict';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { podOf, shell, start } from '../common/running.ts';
import { only, usableNode } from '../scheduling/placing.ts';
import { ask } from './asking.ts';
import { askByUdp, startUdpAsker, udpServer } from './udp.ts';

const hostPort = 54323;

async function sharesPort(context: BehaviourContext): Promise<void> {
  const node = await usableNode(context);
  const address = node.status!.addresses!.find(({ type }) => type === 'InternalIP')!.address;
  const command = shell('mkdir /srv; hostname > /srv/index.html; exec httpd -f -p 8080 -h /srv');
  const tcp = (hostIP: string) => ({ command, ports: [{ containerPort: 8080, hostPort, hostIP }] });
  await start(context, podOf(context, 'on-loopback', tcp('127.0.0.1'), only(node)));
  await start(context, podOf(context, 'on-address', tcp(address), only(node)));
  const udp = await udpServer(context, 8080);
  const held = { containerPort: 8080, hostPort, hostIP: address, protocol: 'UDP' as const };
  await start(
    context,
    podOf(context, 'by-udp', {}, { ...only(node), containers: [{ ...udp, ports: [held] }] }),
  );

  await start(context, podOf(context, 'asker', {}, { ...only(node), hostNetwork: true }));
  await startUdpAsker(context, true);
  const answersFrom = (what: string, asked: () => Promise<string>) =>
    context.eventually(`${what} answers`, async () => {
      assert.equal(await asked(), what);
      return true;
    });
  await answersFrom('on-loopback', () => ask(context, '127.0.0.1', hostPort));
  await answersFrom('on-address', () => ask(context, address, hostPort));
  await answersFrom('by-udp', () => askByUdp(context, address, hostPort));
}

export const hostPortArea: readonly Behaviour[] = [
  behaviour(
    '[sig-network] HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol [LinuxOnly] [Conformance]',
    sharesPort,
  ),
];
