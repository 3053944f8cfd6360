/** Datagrams between pods: Debian's perl without any module speaks them; busybox has no server for them. */

import type { Container } from '#api/generated/types.gen.ts';
import { addImage, copyProgram } from '../../support/images.ts';
import type { BehaviourContext } from '../behaviour.ts';
import { podOf, start } from '../common/running.ts';

const image = 'kybern.test/perl:1';
const dockerfile = 'FROM scratch\nCOPY root /\nENV PATH=/usr/bin\nCMD ["perl", "-e", "sleep"]\n';
const socket = 'socket(S, 2, 2, 17) or die $!;';

let built: Promise<void> | undefined;

/** The cluster gets the image when the first behaviour needs it. */
export async function perlImage({ cluster }: BehaviourContext): Promise<string> {
  built ??= addImage(cluster, image, dockerfile, (root) => copyProgram(root, '/usr/bin/perl'));
  await built;
  return image;
}

/** A container that answers each datagram with its host name. */
export async function udpServer(context: BehaviourContext, port: number): Promise<Container> {
  const script = `${socket} bind(S, pack("Sna4x8", 2, ${port}, "\\0\\0\\0\\0")) or die $!;
    while (defined($from = recv(S, $word, 1500, 0))) { send(S, $ENV{NAME}, 0, $from) }`;
  const valueFrom = { fieldRef: { fieldPath: 'metadata.name' } };
  return {
    name: 'udp',
    image: await perlImage(context),
    command: ['perl', '-e', script],
    env: [{ name: 'NAME', valueFrom }],
  };
}

/** A pod that can send datagrams; in the network of its node if `hostNetwork` is set. */
export async function startUdpAsker(context: BehaviourContext, hostNetwork = false): Promise<void> {
  const container = { image: await perlImage(context), command: ['perl', '-e', 'sleep'] };
  await start(context, podOf(context, 'udp-asker', container, { hostNetwork }));
}

/** What comes back within two seconds; an empty text when nothing does. */
export function askByUdp({ exec }: BehaviourContext, ip: string, port: number): Promise<string> {
  const address = `pack("Sna4x8", 2, ${port}, pack("C4", split(/\\./, "${ip}")))`;
  const script = `${socket} $SIG{ALRM} = sub { exit 0 }; alarm 2;
    send(S, "hi", 0, ${address}); recv(S, $word, 1500, 0); print $word`;
  return exec('udp-asker', ['perl', '-e', script]);
}
