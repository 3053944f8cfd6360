/** NodePorts: which host ports collide, and which deleted pods free one that the pod waits for. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import { isHelpedBy, nodeEvent, podEvent, rejectionsOf, type Verdict } from '#testing/scheduling/plugin.ts';
import { Rejection } from '../../framework.ts';
import { nodePorts } from './node-ports.ts';

const taken = new Rejection('NodePorts', ["node(s) didn't have free ports for the requested pod ports"]);

/** Each port as `UDP/127.0.0.1/8080`. */
function holding(...ports: string[]): PodShape {
  const parsed = ports.map((port) => {
    const [protocol, hostIP, number] = port.split('/') as [string, string, string];
    return { protocol, hostIP, hostPort: Number(number), containerPort: Number(number) };
  });
  return { spec: { containers: [{ name: 'c', image: 'i', ports: parsed }] } };
}

const filtered: [string, string[], string[], Verdict][] = [
  ['no port is requested', [], ['TCP/127.0.0.1/8080'], 'skipped'],
  ['another port', ['UDP/127.0.0.1/8080'], ['UDP/127.0.0.1/9090'], ['fits']],
  ['the same UDP port', ['UDP/127.0.0.1/8080'], ['UDP/127.0.0.1/8080'], [taken]],
  ['the same TCP port', ['TCP/127.0.0.1/8080'], ['TCP/127.0.0.1/8080'], [taken]],
  ['another address', ['TCP/127.0.0.1/8080'], ['TCP/127.0.0.2/8080'], ['fits']],
  ['another protocol', ['UDP/127.0.0.1/8080'], ['TCP/127.0.0.1/8080'], ['fits']],
  ['the second port', ['UDP/127.0.0.1/8000', 'UDP/127.0.0.1/8080'], ['UDP/127.0.0.1/8080'], [taken]],
  [
    'the first port',
    ['TCP/127.0.0.1/8001', 'UDP/127.0.0.1/8080'],
    ['TCP/127.0.0.1/8001', 'UDP/127.0.0.1/8081'],
    [taken],
  ],
  ['every address is requested', ['TCP/0.0.0.0/8001'], ['TCP/127.0.0.1/8001'], [taken]],
  ['every address is held', ['TCP/127.0.0.1/8001'], ['TCP/0.0.0.0/8001'], [taken]],
  ['no address means every address', ['TCP//8001'], ['TCP/127.0.0.1/8001'], [taken]],
  [
    'an address and every address',
    ['TCP/10.0.10.10/8001', 'TCP/0.0.0.0/8001'],
    ['TCP/127.0.0.1/8001'],
    [taken],
  ],
  ['every address, another protocol', ['UDP/127.0.0.1/8001'], ['TCP/0.0.0.0/8001'], ['fits']],
];

for (const [title, wanted, held, expected] of filtered) {
  test(`filter – ${title}`, () => {
    const shape = { nodes: [{ name: 'a' }], pods: [{ ...holding(...held), nodeName: 'a' }] };
    assert.deepEqual(rejectionsOf(nodePorts, holding(...wanted), shape), expected);
  });
}

const hinted: [string, string[], string[], boolean][] = [
  ['without host ports', ['TCP/127.0.0.1/8080'], [], false],
  ['with another port', ['TCP/127.0.0.1/8080'], ['TCP/127.0.0.1/8081'], false],
  ['with another address', ['TCP/127.0.0.1/8080'], ['TCP/127.0.0.2/8080'], false],
  ['with another protocol', ['TCP/127.0.0.1/8080'], ['UDP/127.0.0.1/8080'], false],
  ['with the same port', ['TCP/127.0.0.1/8080'], ['TCP/127.0.0.1/8080'], true],
  ['with the port of every address', ['TCP/127.0.0.1/8080'], ['TCP/0.0.0.0/8080'], true],
];

for (const [title, wanted, freed, expected] of hinted) {
  test(`hint – a placed pod ${title} is deleted – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = podEvent('Pod/AssignedDelete', holding(...freed));
    assert.equal(isHelpedBy(nodePorts, makePod(holding(...wanted)), event), expected);
  });
}

test('hint – a node is added – wakes the pod', () => {
  const pod = makePod(holding('TCP/127.0.0.1/8080'));
  assert.equal(isHelpedBy(nodePorts, pod, nodeEvent('Node/Add', { name: 'a' })), true);
});
